using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>Makes tenants and keys: the one code behind the command line, the operator surface and the demo tenant.</summary>
internal sealed class RegisterTenants(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    /// <summary>A new prepaid tenant with an empty account.</summary>
    public async Task<Tenant> CreateTenantAsync(string name, int weight, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var tenant = new Tenant
        {
            TenantId = Guid.CreateVersion7(time.GetUtcNow()),
            Name = name,
            Billing = "prepaid",
            Weight = weight,
            CreatedAt = time.GetUtcNow(),
        };
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        database.Add(tenant);
        await database.SaveChangesAsync(cancellation);
        await database.Database.ExecuteSqlAsync($"insert into accounts (tenant_id) values ({tenant.TenantId})", cancellation);
        await transaction.CommitAsync(cancellation);
        return tenant;
    }

    /// <summary>A new key. Its text is in the answer and nowhere else.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    public async Task<(ApiKey Key, string Text)> CreateKeyAsync(
        Guid tenantId, string environment, string? name, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        if (!await database.Set<Tenant>().AnyAsync(tenant => tenant.TenantId == tenantId, cancellation))
        {
            throw new KeyNotFoundException($"There is no tenant {tenantId}.");
        }

        var text = KeyText.Make(environment);
        var key = new ApiKey
        {
            KeyId = Guid.CreateVersion7(time.GetUtcNow()),
            TenantId = tenantId,
            Name = name,
            KeyHash = KeyText.HashOf(text),
            Prefix = KeyText.PrefixOf(text),
            CreatedAt = time.GetUtcNow(),
        };
        database.Add(key);
        await database.SaveChangesAsync(cancellation);
        return (key, text);
    }

    /// <summary>The tenant that a key's text belongs to, or null; for a start that finds an earlier start's key.</summary>
    public async Task<bool> OwnsKeyAsync(string text, CancellationToken cancellation)
    {
        var hash = KeyText.HashOf(text);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<ApiKey>().AnyAsync(key => key.KeyHash == hash && key.RevokedAt == null, cancellation);
    }
}
