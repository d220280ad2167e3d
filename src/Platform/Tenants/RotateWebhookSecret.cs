using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>Gives a tenant a new secret for its webhooks. The one that was current signs along for a day; an older one ends at once.</summary>
internal sealed class RotateWebhookSecret(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    /// <summary>The new secret and until when the old one signs along; null when there is no such tenant.</summary>
    public async Task<(WebhookSecret Current, DateTimeOffset OldSignsUntil)?> RunAsync(
        Guid tenantId, string actor, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);

        // The tenant's row is the lock: two rotations at once follow each other.
        if (await database.Database.ExecuteSqlAsync(
            $"update tenants set name = name where tenant_id = {tenantId}", cancellation) == 0)
        {
            return null;
        }

        // At most two secrets are active: what a receiver compares must stay short.
        await database.Set<WebhookSecret>()
            .Where(secret => secret.TenantId == tenantId && secret.SignsUntil != null).ExecuteDeleteAsync(cancellation);
        var until = now + WebhookSecret.SignsAlong;
        await database.Set<WebhookSecret>().Where(secret => secret.TenantId == tenantId)
            .ExecuteUpdateAsync(secret => secret.SetProperty(one => one.SignsUntil, until), cancellation);
        var current = WebhookSecret.Make(tenantId, now);
        database.Add(current);
        database.Add(new AuditEntry
        {
            At = now,
            Actor = actor,
            Action = "webhookSecret.rotate",
            TenantId = tenantId,
            After = AuditEntry.Fields(new { current.SecretId, oldSignsUntil = until }),
        });
        await database.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (current, until);
    }
}
