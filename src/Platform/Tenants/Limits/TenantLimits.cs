namespace Platform.Tenants.Limits;

/// <summary>What a tenant may do at most, as far as the operator has said; null takes the default of <see cref="LimitsOptions"/>.</summary>
internal sealed record TenantLimits
{
    public static TenantLimits Defaults { get; } = new();

    /// <summary>Requests a second over a longer time.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Requests at once after a pause.</summary>
    public int? Burst { get; init; }

    /// <summary>Tasks that run at the same time over all workers; what is over it waits.</summary>
    public int? MaxRunning { get; init; }

    /// <summary>Tasks that are accepted and not ended; what is over it is refused.</summary>
    public int? MaxQueued { get; init; }
}
