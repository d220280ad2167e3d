namespace Platform.Engines.Null;

/// <summary>
/// Speaks the same short tone for every request at no cost, so that a benchmark measures the platform and not an engine.
/// Never for customers.
/// </summary>
internal sealed class NullEngine : IEngine
{
    private const int SampleRate = 24_000;

    // One array for all: samples are handed on as read-only memory.
    private static readonly Task<SpeechOutcome> Tone = Task.FromResult(SpeechOutcome.Of(new Pcm(MakeTone(), SampleRate)));

    public string Name => "null";

    public string Note => "A short tone in place of speech, for measurements only.";

    public bool IsStandIn => true;

    public bool Serves(string model, string voice) => true;

    public Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation) =>
        cancellation.IsCancellationRequested ? Task.FromCanceled<SpeechOutcome>(cancellation) : Tone;

    public Task<string?> FindFaultAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    private static short[] MakeTone()
    {
        var samples = new short[SampleRate / 20];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)(2000 * Math.Sin(2 * Math.PI * 440 * i / SampleRate));
        }

        return samples;
    }
}
