namespace Platform.Bench.Report;

/// <summary>How webhooks arrive at receivers that answer, beside others that hang and fail. Delays in milliseconds.</summary>
internal sealed record WebhookFigure
{
    public required int Webhooks { get; init; }

    /// <summary>All due at once: how many a second arrived at the receivers that answer.</summary>
    public required double HealthyPerSecond { get; init; }

    /// <summary>All due at once: the delay then is the time that the whole heap takes.</summary>
    public required double BurstP99 { get; init; }

    /// <summary>Due at 1,000 a second.</summary>
    public required double DelayP50 { get; init; }

    public required double DelayP99 { get; init; }

    /// <summary>The most by which the mean wait before a retry differs from its step of the schedule, in parts of it.</summary>
    public required double RetryDeviation { get; init; }

    public required int Retries { get; init; }

    public required int Missing { get; init; }
}
