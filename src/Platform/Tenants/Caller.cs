namespace Platform.Tenants;

/// <summary>Who sends a request: a tenant, by one of its keys.</summary>
/// <param name="Weight">The tenant's share of a busy pool.</param>
/// <param name="IsSuspended">Whether its requests are refused for now.</param>
internal sealed record Caller(Guid TenantId, Guid KeyId, int Weight, bool IsSuspended)
{
    public TenantLimits Limits { get; init; } = TenantLimits.Default;
}
