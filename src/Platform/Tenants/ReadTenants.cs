using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>A tenant beside its credit limit, which the ledger keeps (micro-USD).</summary>
internal sealed record TenantView(Tenant Tenant, long CreditLimit);

/// <summary>Tenants and their keys, for operators.</summary>
internal sealed class ReadTenants(IDbContextFactory<PlatformDb> databases)
{
    /// <summary>A page of all tenants, newest first, of those made before <paramref name="before"/>.</summary>
    public async Task<IReadOnlyList<TenantView>> ListAcrossTenantsAsync(Guid? before, int limit, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var tenants = await database.Set<Tenant>().AsNoTracking()
            .Where(tenant => before == null || tenant.TenantId < before)
            .OrderByDescending(static tenant => tenant.TenantId)
            .Take(limit)
            .ToListAsync(cancellation);
        var limits = await CreditLimitsAsync(database, [.. tenants.Select(static tenant => tenant.TenantId)], cancellation);
        return [.. tenants.Select(tenant => new TenantView(tenant, limits.GetValueOrDefault(tenant.TenantId)))];
    }

    public async Task<TenantView?> FindAsync(Guid tenantId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var tenant = await database.Set<Tenant>().AsNoTracking().SingleOrDefaultAsync(one => one.TenantId == tenantId, cancellation);
        return tenant is null
            ? null
            : new TenantView(tenant, (await CreditLimitsAsync(database, [tenantId], cancellation)).GetValueOrDefault(tenantId));
    }

    /// <summary>All keys of a tenant, newest first, revoked and expired ones too.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListKeysForTenantAsync(
        Guid tenantId, Guid? before, int limit, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<ApiKey>().AsNoTracking()
            .Where(key => key.TenantId == tenantId && (before == null || key.KeyId < before))
            .OrderByDescending(static key => key.KeyId)
            .Take(limit)
            .ToListAsync(cancellation);
    }

    /// <summary>Whose key begins so: keys of all tenants with this <see cref="ApiKey.Prefix"/>, newest first, revoked and expired ones too.</summary>
    public async Task<IReadOnlyList<ApiKey>> FindKeysAcrossTenantsAsync(string prefix, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<ApiKey>().AsNoTracking()
            .Where(key => key.Prefix == prefix)
            .OrderByDescending(static key => key.KeyId)
            .ToListAsync(cancellation);
    }

    /// <summary>The newest keys that work at <paramref name="now"/>.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListLiveKeysForTenantAsync(Guid tenantId, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<ApiKey>().AsNoTracking()
            .Where(key => key.TenantId == tenantId && key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now))
            .OrderByDescending(static key => key.KeyId)
            .Take(limit)
            .ToListAsync(cancellation);
    }

    // The account belongs to the ledger, so its one figure that is a tenant's setting is read past its mapping.
    private static Task<Dictionary<Guid, long>> CreditLimitsAsync(PlatformDb database, Guid[] tenants, CancellationToken cancellation) =>
        database.Database.SqlQuery<Limit>(
            $"""select tenant_id as "TenantId", credit_limit as "CreditLimit" from accounts where tenant_id = any({tenants})""")
            .ToDictionaryAsync(static row => row.TenantId, static row => row.CreditLimit, cancellation);

    private sealed record Limit(Guid TenantId, long CreditLimit);
}
