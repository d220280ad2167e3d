using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Engines;
using Platform.Engines.Calls;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Engines.Calls;

public sealed class RecordCallsTests
{
    private readonly ManualTime time = new();
    private readonly List<string> lines = [];

    [Fact]
    public void Tells_everything_of_a_call_but_its_text()
    {
        var outcome = SpeechOutcome.Of(new Pcm(new short[48_000], 24_000), capHit: true) with
        {
            Usage = new EngineUsage
            {
                ProviderRequestId = "req-9", ModelSnapshot = "checkpoint", FirstAudio = TimeSpan.FromMilliseconds(120), Retries = 1, OutputTokens = 50,
            },
        };

        var call = Record("gpu_a", outcome);

        Assert.Equal(("a pool", "gpu_a", "ok"), (call.Pool, call.Engine, call.Outcome));
        Assert.Equal(("ryan", "English", 62, true, 1), (call.Voice, call.Language, call.Characters, call.CapHit, call.Retries));
        Assert.Equal((0.5, 2.0, 0.25), (call.Total.TotalSeconds, call.Audio.TotalSeconds, call.RealTimeFactor));
        var line = Assert.Single(lines);
        Assert.DoesNotContain("fox", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Whisper", line, StringComparison.Ordinal);
        const string Figures = "first audio 120 ms, total 500 ms, audio 2.00 s, real-time factor 0.250, cap hit True, retries 1, request req-9";
        Assert.Contains(Figures, line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_text_has_the_same_hash_and_another_has_another()
    {
        Assert.Equal(EngineCall.HashOf("a"), EngineCall.HashOf("a"));
        Assert.NotEqual(EngineCall.HashOf("a"), EngineCall.HashOf("b"));
        Assert.Equal(8, EngineCall.HashOf("a").Length);
    }

    [Fact]
    public void Counts_what_the_settings_say_that_it_costs()
    {
        var instance = new EngineInstance { CostPerMillionCharacters = 15_000_000, CostPerAudioHour = 360_000 };
        var spoken = SpeechOutcome.Of(new Pcm(new short[240_000], 24_000));

        // 100 characters at 15 and 10 s at 100 micro-USD.
        Assert.Equal(2500, EngineCall.CostOf(instance, 100, spoken));
        // The generation that was thrown away was paid for as well; where the server counts, its own figures hold.
        Assert.Equal(5000, EngineCall.CostOf(instance, 100, spoken with { Usage = new EngineUsage { Retries = 1 } }));
        Assert.Equal(
            750 + 2000,
            EngineCall.CostOf(instance, 100, spoken with { Usage = new EngineUsage { BilledCharacters = 50, OutputTokens = 250 } }));
        Assert.Equal(0, EngineCall.CostOf(instance, 100, SpeechOutcome.Failed(new EngineFailure("speak", "x", "X.", true))));
    }

    [Fact]
    public void A_failure_is_told_by_its_code()
    {
        var call = Record("gpu_a", SpeechOutcome.Failed(new EngineFailure("speak", "http-500", "It failed.", RetryHelps: true)));
        Assert.Equal(("http-500", TimeSpan.Zero, 0.0), (call.Outcome, call.Audio, call.RealTimeFactor));
    }

    [Fact]
    public void The_engines_that_cost_nothing_cost_nothing_here_either()
    {
        var calls = Calls();
        calls.Record("a pool", "espeak-ng", Requests.Of("Hello."), SpeechOutcome.Of(new Pcm(new short[240], 24_000)), 0);
        Assert.Empty(lines);
        Assert.Equal(0, calls.Waiting.Count);
    }

    private EngineCall Record(string engine, SpeechOutcome outcome)
    {
        var calls = Calls();
        var started = time.GetTimestamp();
        time.Advance(TimeSpan.FromMilliseconds(500));
        calls.Record("a pool", engine, Requests.Of(Requests.English) with { Prompt = "Whisper." }, outcome, started);
        Assert.True(calls.Waiting.TryRead(out var call));
        return call;
    }

    private RecordCalls Calls()
    {
        var options = new EnginesOptions();
        options.Instances["gpu_a"] = new EngineInstance { Kind = "openai-speech" };
        return new RecordCalls(Options.Create(options), time, new Listener(lines));
    }

    private sealed class Listener(List<string> lines) : ILogger<RecordCalls>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));
    }
}
