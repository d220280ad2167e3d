namespace Platform.Engines.Pools;

/// <summary>Failures that a pool gives, whatever its engines are.</summary>
internal static class EngineFailures
{
    /// <summary>An engine that is said to be away is asked again by then, and so is the pool.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static readonly EngineFailure Timeout =
        new("speak", "timeout", "The speech engine did not finish in time.", RetryHelps: true);

    /// <summary>Only for the books of the limit: the caller sees the cancellation itself.</summary>
    public static readonly EngineFailure Cancelled =
        new("speak", "cancelled", "The speech engine was stopped.", RetryHelps: true);

    public static readonly EngineFailure CircuitOpen =
        EngineFailure.Of(FailureKind.Away, "start", "circuit-open", "The speech engine is away.") with { RetryAfter = Soon };

    public static readonly EngineFailure NobodyServes =
        new("start", "unknown-voice", "No speech engine that is set up here has this voice of the model.", RetryHelps: false);

    /// <summary>Every engine that could do it is away or full.</summary>
    public static EngineFailure NobodyFree(TimeSpan pause) =>
        EngineFailure.Of(FailureKind.Busy, "start", "none-free", "No speech engine is free.") with { RetryAfter = pause > Soon ? pause : Soon };
}
