namespace Platform.Tenants.Limits;

/// <summary>The limits of a tenant for which the operator has set no others (contract, section 9).</summary>
internal sealed class LimitsOptions
{
    public const string Section = "Limits";

    /// <summary>Requests a second that a tenant may send over a longer time, over all api nodes.</summary>
    public int RequestsPerSecond { get; set; } = 1000;

    /// <summary>Requests that it may send at once after a pause.</summary>
    public int Burst { get; set; } = 2000;

    /// <summary>Polls (getResponse) count by themselves; this many go for each request of the two limits above.</summary>
    public int PollsPerRequest { get; set; } = 5;

    /// <summary>Reads of a tenant about itself (GET /v1/ledger and its neighbours) a second over a longer time.</summary>
    public int ReadsPerSecond { get; set; } = 20;

    /// <summary>Such reads at once after a pause.</summary>
    public int ReadBurst { get; set; } = 60;

    /// <summary>Tasks of a tenant that run at the same time over all workers. 0: as many as there are slots.</summary>
    public int MaxRunning { get; set; }

    /// <summary>Tasks of a tenant that are accepted and not ended.</summary>
    public int MaxQueued { get; set; } = 100_000;

    /// <summary>How often the api nodes tell each other what they let through, in seconds.</summary>
    public double ExchangeSeconds { get; set; } = 1;

    /// <summary>The bucket of a tenant. Where only its rate was set, its burst follows in the proportion of the defaults.</summary>
    public RateShape ShapeOf(TenantLimits limits, RequestKind kind)
    {
        if (kind == RequestKind.Read)
        {
            return new RateShape(ReadsPerSecond, ReadBurst);
        }

        var rate = limits.RequestsPerSecond ?? RequestsPerSecond;
        var burst = limits.Burst ?? (limits.RequestsPerSecond is null ? Burst : Math.Max(1, (double)rate * Burst / RequestsPerSecond));
        return kind == RequestKind.Poll ? new RateShape(rate * (double)PollsPerRequest, burst * PollsPerRequest) : new RateShape(rate, burst);
    }

    /// <summary>Null where the number that may run is open.</summary>
    public int? MaxRunningOf(TenantLimits limits) => limits.MaxRunning ?? (MaxRunning > 0 ? MaxRunning : null);

    public int MaxQueuedOf(TenantLimits limits) => limits.MaxQueued ?? MaxQueued;
}
