using Platform.Tenants;

namespace Platform.Api.Admin;

/// <summary>A tenant as operators see it. Limits that are null are the platform's defaults.</summary>
internal sealed record TenantAnswer(
    Guid TenantId,
    string Name,
    string Billing,
    long CreditLimit,
    int Weight,
    LimitsAnswer Limits,
    bool Suspended,
    DateTimeOffset? SuspendedAt,
    DateTimeOffset CreatedAt)
{
    /// <summary>Shown when the tenant is made, and then no more: rotating gives a new one.</summary>
    public string? WebhookSecret { get; init; }

    public static TenantAnswer Of(TenantView view) => Of(view.Tenant, view.CreditLimit);

    public static TenantAnswer Of(Tenant tenant, long creditLimit) => new(
        tenant.TenantId,
        tenant.Name,
        tenant.Billing,
        creditLimit,
        tenant.Weight,
        new LimitsAnswer(tenant.RequestsPerSecond, tenant.Burst, tenant.MaxRunning, tenant.MaxQueued),
        tenant.SuspendedAt is not null,
        tenant.SuspendedAt,
        tenant.CreatedAt);
}

/// <summary>The limits that were set for this tenant; the others are absent.</summary>
internal sealed record LimitsAnswer(int? RequestsPerSecond, int? Burst, int? MaxRunning, int? MaxQueued);

/// <summary>A key as operators see it: by its prefix.</summary>
internal sealed record KeyAnswer(
    Guid KeyId, string? Name, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    /// <summary>The key itself, in the answer that makes it and nowhere else.</summary>
    public string? Key { get; init; }

    public static KeyAnswer Of(ApiKey key) =>
        new(key.KeyId, key.Name, key.Prefix, key.CreatedAt, key.ExpiresAt, key.RevokedAt);
}

/// <summary>A tenant's money, in micro-USD.</summary>
internal sealed record BalanceAnswer(long Balance, long Held, long Available, long CreditLimit)
{
    public static BalanceAnswer Of(Ledger.Account account) => new(account.Balance, account.Held, account.Available, account.CreditLimit);
}
