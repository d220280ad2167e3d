using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>Ends a key for good. Every node refuses it within the few seconds that it believes what it read before.</summary>
internal sealed class RevokeKey(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    /// <summary>Null when there is no such key; one that was revoked before stays as it was.</summary>
    public async Task<ApiKey?> RunAsync(Guid keyId, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var key = await database.Set<ApiKey>()
            .FromSql($"select * from api_keys where key_id = {keyId} for update").SingleOrDefaultAsync(cancellation);
        if (key is not { RevokedAt: null })
        {
            return key;
        }

        key.RevokedAt = time.GetUtcNow();
        database.Add(new AuditEntry
        {
            At = time.GetUtcNow(),
            Actor = actor,
            Action = "key.revoke",
            TenantId = key.TenantId,
            Subject = key.Prefix,
            After = AuditEntry.Fields(new { key.KeyId, key.RevokedAt }),
        });
        await database.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return key;
    }
}
