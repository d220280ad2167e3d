using System.Threading.Channels;
using Platform.Engines;

namespace Platform.Tests.Engines.Pools;

/// <summary>An engine that answers as the test says: at once, or when the test gets round to it.</summary>
internal sealed class ScriptedEngine(string name) : IEngine
{
    private readonly Channel<TaskCompletionSource<SpeechOutcome>> waiting = Channel.CreateUnbounded<TaskCompletionSource<SpeechOutcome>>();
    private int calls;

    public string Name => name;

    public bool HasProbe { get; init; }

    /// <summary>What a probe says.</summary>
    public string? Fault { get; set; }

    /// <summary>Voices that it has; empty for all.</summary>
    public IReadOnlyList<string> Voices { get; init; } = [];

    /// <summary>The answer to every call; null leaves each to <see cref="NextAsync"/>.</summary>
    public SpeechOutcome? Answer { get; set; } = Audio;

    public static SpeechOutcome Audio { get; } = SpeechOutcome.Of(new Pcm(new short[240], 24_000));

    public int Calls => Volatile.Read(ref calls);

    public static SpeechOutcome Failure(FailureKind kind, TimeSpan? retryAfter = null, string stage = "speak") =>
        SpeechOutcome.Failed(EngineFailure.Of(kind, stage, "scripted", "It was to fail.") with { RetryAfter = retryAfter });

    public bool Serves(string model, string voice) => Voices.Count == 0 || Voices.Contains(voice, StringComparer.Ordinal);

    public async Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation)
    {
        Interlocked.Increment(ref calls);
        if (Answer is { } answer)
        {
            return answer;
        }

        var call = new TaskCompletionSource<SpeechOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Writer.TryWrite(call);
        return await call.Task.WaitAsync(cancellation);
    }

    /// <summary>The next call that waits for its answer.</summary>
    public async Task<TaskCompletionSource<SpeechOutcome>> NextAsync() => await waiting.Reader.ReadAsync(Xunit.TestContext.Current.CancellationToken);

    public Task<string?> FindFaultAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    public Task<string?> ProbeAsync(CancellationToken cancellation) => Task.FromResult(Fault);
}
