using System.Diagnostics;
using Microsoft.Extensions.Options;
using Platform.Telemetry;
using Polly;
using Polly.Timeout;

namespace Platform.Engines;

/// <summary>Step 7 of the walk: the engine of a pool, behind the pool's time limit.</summary>
internal sealed class EnginePools
{
    private readonly Dictionary<string, IEngine> _engines;
    private readonly EnginesOptions _options;
    private readonly ResiliencePipeline _pipeline;

    public EnginePools(IEnumerable<IEngine> engines, IOptions<EnginesOptions> options, TimeProvider time)
    {
        _engines = engines.ToDictionary(engine => engine.Name, StringComparer.Ordinal);
        _options = options.Value;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(TimeSpan.FromSeconds(_options.TimeoutSeconds))
            .Build();
    }

    /// <summary>The engine that the settings give to a pool.</summary>
    /// <exception cref="InvalidOperationException">The settings name an engine that does not exist.</exception>
    public IEngine EngineOf(string pool)
    {
        var name = _options.Pools.TryGetValue(pool, out var named) ? named : _options.Default;
        return _engines.TryGetValue(name, out var engine)
            ? engine
            : throw new InvalidOperationException(
                $"Engines: pool '{pool}' is given the engine '{name}', which does not exist. There are: {string.Join(", ", _engines.Keys)}.");
    }

    /// <summary>What customers should know of the speech that this pool gives; null when it is the model's own.</summary>
    public string? NoteOf(string pool) => EngineOf(pool).Note;

    /// <summary>Speaks one result with the pool's engine; one that hangs is stopped and reported as a failure that a retry may cure.</summary>
    public async Task<SpeechOutcome> SpeakAsync(string pool, SpeechRequest request, CancellationToken cancellation)
    {
        var engine = EngineOf(pool);
        using var span = Traces.Source.StartActivity("engine.speak", ActivityKind.Client);
        span?.SetTag("platform.engine", engine.Name);
        var started = Stopwatch.GetTimestamp();
        var outcome = await SpeakInTimeAsync(engine, request, cancellation);
        EngineMetrics.Spoke(pool, engine.Name, outcome, Stopwatch.GetElapsedTime(started));
        if (!outcome.Succeeded)
        {
            span.Fail(outcome.Failure.Code);
        }

        return outcome;
    }

    private async Task<SpeechOutcome> SpeakInTimeAsync(IEngine engine, SpeechRequest request, CancellationToken cancellation)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (call, token) => await call.Engine.SpeakAsync(call.Request, token),
                (Engine: engine, Request: request),
                cancellation);
        }
        catch (TimeoutRejectedException)
        {
            return SpeechOutcome.Failed(new EngineFailure("speak", "timeout", "The speech engine did not finish in time.", RetryHelps: true));
        }
    }
}
