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

    /// <summary>At 1,000 a second, by step of the schedule in seconds, how far the mean wait before such a retry was off, in parts of the step.</summary>
    public required IReadOnlyDictionary<double, double> RetryDeviations { get; init; }

    /// <summary>The same while the machine is busy with all of them at once.</summary>
    public required IReadOnlyDictionary<double, double> BurstRetryDeviations { get; init; }

    /// <summary>The worst of them; all of it where there were none to measure.</summary>
    public double WorstRetryDeviation => RetryDeviations.Count == 0 ? 1 : RetryDeviations.Values.Max(Math.Abs);

    public required int Retries { get; init; }

    public required int Missing { get; init; }
}
