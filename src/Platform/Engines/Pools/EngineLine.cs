using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Platform.Engines.Pools;

/// <summary>How one engine is treated.</summary>
/// <param name="Concurrency">Calls in flight at most.</param>
/// <param name="Timeout">Of one call.</param>
/// <param name="Probe">Between two probes of an engine that is away.</param>
/// <param name="Break">How long an engine that mostly fails is left alone.</param>
internal sealed record LineLimits(int Concurrency, TimeSpan Timeout, TimeSpan Probe, TimeSpan Break);

/// <summary>
/// One engine of this process behind its time-out, circuit breaker, retry and limit, shared by every pool that names it. It knows whether the
/// engine takes work now.
/// </summary>
internal sealed partial class EngineLine
{
    /// <summary>A healthy engine is probed more rarely: its calls say as much.</summary>
    private const int ProbesWhenReady = 5;

    private readonly TimeProvider _time;
    private readonly LineLimits _limits;
    private readonly ILogger _log;
    private readonly AdaptiveLimit _room;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline<SpeechOutcome> _pipeline;
    private TaskCompletionSource _suspicion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _openUntil;
    private volatile bool _wasReady;
    private volatile string? _waitsFor;
    private bool _missed;

    public EngineLine(IEngine engine, LineLimits limits, TimeProvider time, ILogger log)
    {
        Engine = engine;
        (_limits, _time, _log) = (limits, time, log);
        _room = new AdaptiveLimit(limits.Concurrency, time);
        _waitsFor = engine.HasProbe ? "It was not asked yet." : null;
        _wasReady = !engine.HasProbe;
        _pipeline = Build();
    }

    public IEngine Engine { get; }

    /// <summary>Why it takes no work, in one sentence for the operator; null when it does, or when nothing but its circuit keeps it.</summary>
    public string? WaitsFor => _waitsFor;

    /// <summary>Whether a call would be tried now or soon.</summary>
    public bool IsOpen => _waitsFor is null && !IsBroken;

    /// <summary>Whether it has worked and now is left alone, or is only tried to see whether it speaks again. One that still loads is not.</summary>
    public bool IsDoubted => _wasReady && (!IsOpen || _circuit.CircuitState == CircuitState.HalfOpen);

    /// <summary>Results that may be claimed for it now; one, while a broken circuit is tried.</summary>
    public int Room => !IsOpen ? 0
        : _circuit.CircuitState == CircuitState.Closed ? _room.Room
        : _room.InFlight > 0 ? 0 : Math.Min(1, _room.Room);

    /// <summary>What is left of a pause that the engine asked for.</summary>
    public TimeSpan Pause => _room.Pause;

    // Once its time is over, the next call is let through to see.
    private bool IsBroken => _circuit.CircuitState == CircuitState.Open && _time.GetTimestamp() < Volatile.Read(ref _openUntil);

    /// <summary>Takes a place, which <see cref="SpeakAsync"/> gives back. False when there is none now.</summary>
    public bool TryEnter() => IsOpen && _room.TryEnter();

    /// <summary>Waits for a place.</summary>
    public async Task<bool> EnterAsync(TimeSpan patience, CancellationToken cancellation) =>
        IsOpen && _room.Pause < patience && await _room.EnterAsync(patience, cancellation);

    /// <summary>Speaks in the place that was taken.</summary>
    public async Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var failure = EngineFailures.Cancelled;
        try
        {
            var outcome = await CallAsync(request, cancellation);
            failure = outcome.Failure;
            return outcome;
        }
        finally
        {
            _room.Leave(started, failure);
        }
    }

    /// <summary>Watches an engine that can be probed, until told to stop.</summary>
    public async Task WatchAsync(CancellationToken stopping)
    {
        var misses = 0;
        while (Engine.HasProbe && !stopping.IsCancellationRequested)
        {
            misses = await ProbeAsync(stopping) ? 0 : misses + 1;
            await WaitAsync(_limits.Probe * (misses == 0 ? ProbesWhenReady : 1), stopping);
        }
    }

    /// <summary>Probes once. One miss of an engine that answered until now is forgiven: it may only have been too busy to say so.</summary>
    public async Task<bool> ProbeAsync(CancellationToken cancellation)
    {
        var fault = await Engine.ProbeAsync(cancellation);
        if (fault is null)
        {
            if (_waitsFor is not null)
            {
                _waitsFor = null;
                _wasReady = true;
                _missed = false;
                await _control.CloseAsync(cancellation);
                LogReady(_log, Engine.Name);
            }
        }
        else if (_waitsFor is not null || _missed)
        {
            Close(fault);
        }

        _missed = fault is not null;
        return fault is null;
    }

    private async Task WaitAsync(TimeSpan pause, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(Task.Delay(pause, _time, either.Token), _suspicion.Task);
        await either.CancelAsync();
        _suspicion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Close(string fault)
    {
        if (_waitsFor != fault)
        {
            LogAway(_log, Engine.Name, fault);
        }

        _waitsFor = fault;
    }

    private async Task<SpeechOutcome> CallAsync(SpeechRequest request, CancellationToken cancellation)
    {
        try
        {
            var outcome = await _pipeline.ExecuteAsync(
                static async (call, token) => await call.Engine.SpeakAsync(call.Request, token), (Engine, Request: request), cancellation);
            return outcome.Failure is { } failure ? Weigh(outcome, failure) : outcome;
        }
        catch (TimeoutRejectedException)
        {
            return Weigh(SpeechOutcome.Failed(EngineFailures.Timeout), EngineFailures.Timeout);
        }
        catch (BrokenCircuitException)
        {
            return SpeechOutcome.Failed(EngineFailures.CircuitOpen);
        }
    }

    private SpeechOutcome Weigh(SpeechOutcome outcome, EngineFailure failure)
    {
        if (failure.Kind == FailureKind.Misconfigured)
        {
            LogOperator(_log, Engine.Name, failure.Code);
        }

        if (failure is { Kind: FailureKind.Away, Stage: "connect" or "speak" } && Engine.HasProbe)
        {
            Close("It could not be reached.");
            _suspicion.TrySetResult();
        }

        // Most of its calls fail, so this one says nothing about the task.
        return failure.Kind == FailureKind.Broken && _circuit.CircuitState != CircuitState.Closed
            ? SpeechOutcome.Failed(failure with { Kind = FailureKind.Away }) with { Usage = outcome.Usage }
            : outcome;
    }

    private ResiliencePipeline<SpeechOutcome> Build() => new ResiliencePipelineBuilder<SpeechOutcome> { TimeProvider = _time }
        // A lost connection may be one that the server closed as it was picked up. Whatever else fails would fail again, or costs a whole call.
        .AddRetry(new RetryStrategyOptions<SpeechOutcome>
        {
            MaxRetryAttempts = 1,
            Delay = TimeSpan.FromMilliseconds(100),
            UseJitter = true,
            ShouldHandle = new PredicateBuilder<SpeechOutcome>().HandleResult(static outcome => outcome.Failure is { Stage: "connect" }),
        })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<SpeechOutcome>
        {
            FailureRatio = 0.5,
            MinimumThroughput = 10,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = _limits.Break,
            StateProvider = _circuit,
            ManualControl = _control,
            ShouldHandle = new PredicateBuilder<SpeechOutcome>().Handle<TimeoutRejectedException>().HandleResult(static outcome =>
                outcome.Failure is { Kind: FailureKind.Broken or FailureKind.Away or FailureKind.Misconfigured }),
            OnOpened = _ =>
            {
                Volatile.Write(ref _openUntil, _time.GetTimestamp() + (long)(_limits.Break.TotalSeconds * _time.TimestampFrequency));
                LogOpened(_log, Engine.Name, _limits.Break.TotalSeconds);
                return default;
            },
            OnClosed = _ =>
            {
                LogClosed(_log, Engine.Name);
                return default;
            },
        })
        .AddTimeout(new TimeoutStrategyOptions { Timeout = _limits.Timeout })
        .Build();

    [LoggerMessage(EventId = 6101, Level = LogLevel.Information, Message = "Engine {Engine} takes work")]
    private static partial void LogReady(ILogger log, string engine);

    [LoggerMessage(EventId = 6102, Level = LogLevel.Warning, Message = "Engine {Engine} takes no work yet: {Reason}")]
    private static partial void LogAway(ILogger log, string engine, string reason);

    [LoggerMessage(EventId = 6103, Level = LogLevel.Error, Message = "Engine {Engine} needs its operator: {Code}")]
    private static partial void LogOperator(ILogger log, string engine, string code);

    [LoggerMessage(EventId = 6104, Level = LogLevel.Warning, Message = "Most calls of engine {Engine} fail; it is left alone for {Seconds:F1} s")]
    private static partial void LogOpened(ILogger log, string engine, double seconds);

    [LoggerMessage(EventId = 6105, Level = LogLevel.Information, Message = "Engine {Engine} answers again")]
    private static partial void LogClosed(ILogger log, string engine);
}
