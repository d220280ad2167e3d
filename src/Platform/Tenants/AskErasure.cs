using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>How far the erasure of a tenant is.</summary>
/// <param name="TasksLeft">Tasks that are still remembered.</param>
/// <param name="MediaLeft">Media whose files are still stored.</param>
/// <param name="WebhooksLeft">Webhooks that are still listed.</param>
internal sealed record Erasure(
    Guid TenantId, DateTimeOffset AskedAt, DateTimeOffset? ErasedAt, long TasksLeft, long MediaLeft, long WebhooksLeft);

/// <summary>
/// Asks for a tenant's data to be erased. Name, keys and webhook secrets go at once, in one transaction with its audit entry; the scheduler
/// does the rest. Of keys their prefixes stay, which the rows of past costs name. Asking again changes nothing and shows how far it is.
/// </summary>
internal sealed class AskErasure(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    /// <summary>Null when there is no such tenant.</summary>
    public async Task<Erasure?> RunAsync(Guid tenantId, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var asked = await database.Database.ExecuteSqlAsync(
            $"""
            update tenants
               set name = 'erased', suspended_at = coalesce(suspended_at, now()), erasure_asked_at = now()
             where tenant_id = {tenantId} and erasure_asked_at is null
            """,
            cancellation);
        if (asked > 0)
        {
            // Random bytes in the place of the hash: nothing is left that a key could be compared with.
            var keys = await database.Database.ExecuteSqlAsync(
                $"""
                update api_keys
                   set name = null, revoked_at = coalesce(revoked_at, now()),
                       key_hash = uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                 where tenant_id = {tenantId}
                """,
                cancellation);
            await database.Database.ExecuteSqlAsync($"delete from webhook_secrets where tenant_id = {tenantId}", cancellation);
            database.Add(new AuditEntry
            {
                At = time.GetUtcNow(),
                Actor = actor,
                Action = "tenant.erase",
                TenantId = tenantId,
                After = AuditEntry.Fields(new { keys }),
            });
            await database.SaveChangesAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return await FindAsync(tenantId, cancellation);
    }

    /// <summary>Null when there is no such tenant, or nobody asked.</summary>
    public async Task<Erasure?> FindAsync(Guid tenantId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Database.SqlQuery<Erasure>(
            $"""
            select tenant_id as "TenantId", erasure_asked_at as "AskedAt", erased_at as "ErasedAt",
                   (select count(*) from tasks k where k.tenant_id = t.tenant_id) as "TasksLeft",
                   (select count(*) from media m where m.tenant_id = t.tenant_id) as "MediaLeft",
                   (select count(*) from webhooks w where w.tenant_id = t.tenant_id) as "WebhooksLeft"
              from tenants t
             where tenant_id = {tenantId} and erasure_asked_at is not null
            """).SingleOrDefaultAsync(cancellation);
    }
}
