using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>What an operator wants changed; null leaves a field as it is.</summary>
internal sealed record TenantChange
{
    public string? Name { get; init; }

    public string? Billing { get; init; }

    /// <summary>Micro-USD.</summary>
    public long? CreditLimit { get; init; }

    public int? Weight { get; init; }

    public bool? Suspended { get; init; }

    /// <summary>Given the limits that hold, those that shall hold.</summary>
    public Func<TenantLimits, TenantLimits> Limits { get; init; } = static limits => limits;
}

/// <summary>What became of a change.</summary>
internal enum ChangeOutcome
{
    Changed,
    NotFound,

    /// <summary>Its data are erased or being erased; it stays as it is.</summary>
    Erased,

    /// <summary>A prepaid tenant would keep a credit limit.</summary>
    PrepaidWithLimit,

    /// <summary>More is owed or held than the new limit allows.</summary>
    LimitInUse,
}

/// <summary>Changes a tenant, with its audit entry, in one transaction. Nodes follow within the few seconds that they believe what they read.</summary>
internal sealed class ChangeTenant(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    public async Task<ChangeOutcome> RunAsync(Guid tenantId, TenantChange change, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var tenant = await database.Set<Tenant>()
            .FromSql($"select * from tenants where tenant_id = {tenantId} for update").SingleOrDefaultAsync(cancellation);
        if (tenant is null)
        {
            return ChangeOutcome.NotFound;
        }

        if (tenant.ErasureAskedAt is not null)
        {
            return ChangeOutcome.Erased;
        }

        var account = await database.Database.SqlQuery<Money>(
            $"""
            select balance - held as "Free", credit_limit as "CreditLimit" from accounts where tenant_id = {tenantId} for update
            """).SingleAsync(cancellation);
        var limit = change.CreditLimit ?? account.CreditLimit;
        if ((change.Billing ?? tenant.Billing) == Tenant.Prepaid && limit > 0)
        {
            return ChangeOutcome.PrepaidWithLimit;
        }

        if (account.Free + limit < 0)
        {
            return ChangeOutcome.LimitInUse;
        }

        var before = FieldsOf(tenant, account.CreditLimit);
        Apply(tenant, change);
        Audit(database, tenant, actor, Differences(before, FieldsOf(tenant, limit)));
        await database.SaveChangesAsync(cancellation);
        await database.Database.ExecuteSqlAsync(
            $"update accounts set credit_limit = {limit} where tenant_id = {tenantId} and credit_limit <> {limit}", cancellation);
        await transaction.CommitAsync(cancellation);
        return ChangeOutcome.Changed;
    }

    private void Apply(Tenant tenant, TenantChange change)
    {
        tenant.Name = change.Name ?? tenant.Name;
        tenant.Billing = change.Billing ?? tenant.Billing;
        tenant.Weight = change.Weight ?? tenant.Weight;
        (tenant.RequestsPerSecond, tenant.Burst, tenant.MaxRunning, tenant.MaxQueued) = change.Limits(tenant.Limits);
        tenant.SuspendedAt = change.Suspended switch
        {
            true => tenant.SuspendedAt ?? time.GetUtcNow(),
            false => null,
            null => tenant.SuspendedAt,
        };
    }

    private void Audit(PlatformDb database, Tenant tenant, string actor, Dictionary<string, (object? Before, object? After)> changes)
    {
        if (changes.Count > 0)
        {
            database.Add(new AuditEntry
            {
                At = time.GetUtcNow(),
                Actor = actor,
                Action = "tenant.change",
                TenantId = tenant.TenantId,
                Before = AuditEntry.Fields(changes.ToDictionary(static one => one.Key, static one => one.Value.Before, StringComparer.Ordinal)),
                After = AuditEntry.Fields(changes.ToDictionary(static one => one.Key, static one => one.Value.After, StringComparer.Ordinal)),
            });
        }
    }

    private static Dictionary<string, object?> FieldsOf(Tenant tenant, long creditLimit) => new(StringComparer.Ordinal)
    {
        ["name"] = tenant.Name,
        ["billing"] = tenant.Billing,
        ["creditLimit"] = creditLimit,
        ["weight"] = tenant.Weight,
        ["requestsPerSecond"] = tenant.RequestsPerSecond,
        ["burst"] = tenant.Burst,
        ["maxRunning"] = tenant.MaxRunning,
        ["maxQueued"] = tenant.MaxQueued,
        ["suspended"] = tenant.SuspendedAt is not null,
    };

    private static Dictionary<string, (object? Before, object? After)> Differences(
        Dictionary<string, object?> before, Dictionary<string, object?> after) =>
        before.Where(field => !Equals(field.Value, after[field.Key]))
            .ToDictionary(static field => field.Key, field => (field.Value, after[field.Key]), StringComparer.Ordinal);

    private sealed record Money(long Free, long CreditLimit);
}
