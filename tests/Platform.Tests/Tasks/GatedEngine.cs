using System.Threading.Channels;
using Platform.Engines;

namespace Platform.Tests.Tasks;

/// <summary>An engine that speaks when the test says so.</summary>
internal sealed class GatedEngine : IEngine
{
    private readonly Channel<Call> calls = Channel.CreateUnbounded<Call>();

    public string Name => "gated";

    /// <summary>The next request that reaches the engine.</summary>
    public Task<Call> NextAsync() => calls.Reader.ReadAsync().AsTask().SoonAsync();

    public bool HasCalls => calls.Reader.Count > 0;

    public bool Serves(string model, string voice) => true;

    public Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation)
    {
        var call = new Call(request, new TaskCompletionSource<SpeechOutcome>(TaskCreationOptions.RunContinuationsAsynchronously));
        cancellation.Register(() => call.Answer.TrySetCanceled(cancellation));
        calls.Writer.TryWrite(call);
        return call.Answer.Task;
    }

    public Task<string?> FindFaultAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    internal sealed record Call(SpeechRequest Request, TaskCompletionSource<SpeechOutcome> Answer)
    {
        public void Speak() => Answer.SetResult(SpeechOutcome.Of(new Pcm(new short[2400], 24_000)));

        public void Fail(bool retryHelps) =>
            Answer.SetResult(SpeechOutcome.Failed(new EngineFailure("speak", "broken", "The engine broke.", retryHelps)));
    }
}
