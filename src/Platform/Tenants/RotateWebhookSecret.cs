using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>What became of a rotation.</summary>
/// <param name="Secret">The new one; null when it was refused.</param>
/// <param name="OldSignsUntil">Until when the one before it signs along; when it was refused, when the next old one ends.</param>
internal sealed record Rotation(string? Secret, DateTimeOffset OldSignsUntil);

/// <summary>
/// Gives a tenant a new secret for its webhooks. The one that was current signs along for a day, whatever is rotated meanwhile: a receiver that
/// still has it must not be cut off by somebody who rotates again, be it because the answer of the first time was lost.
/// </summary>
internal sealed class RotateWebhookSecret(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    /// <summary>Secrets that may sign at a time: each is a signature in a header, and one more for every receiver to compare.</summary>
    public const int MostActive = 5;

    /// <summary>Null when there is no such tenant.</summary>
    /// <exception cref="TenantErasedException">Its data are erased or being erased.</exception>
    public async Task<Rotation?> RunAsync(Guid tenantId, string actor, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);

        // The tenant's row is the lock: two rotations at once follow each other.
        var tenant = await database.Set<Tenant>().FromSql($"select * from tenants where tenant_id = {tenantId} for no key update")
            .AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (tenant is null)
        {
            return null;
        }

        if (tenant.ErasureAskedAt is not null)
        {
            throw new TenantErasedException(tenantId);
        }

        var secrets = database.Set<WebhookSecret>().Where(secret => secret.TenantId == tenantId);
        await secrets.Where(secret => secret.SignsUntil <= now).ExecuteDeleteAsync(cancellation);
        var old = await secrets.Where(static secret => secret.SignsUntil != null).OrderBy(static secret => secret.SignsUntil).ToListAsync(cancellation);
        if (old.Count >= MostActive - 1)
        {
            return new Rotation(null, old[0].SignsUntil!.Value);
        }

        return await RotateAsync(database, tenantId, actor, cancellation);
    }

    private async Task<Rotation> RotateAsync(PlatformDb database, Guid tenantId, string actor, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var until = now + WebhookSecret.SignsAlong;
        await database.Set<WebhookSecret>().Where(secret => secret.TenantId == tenantId && secret.SignsUntil == null)
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
        await database.Database.CommitTransactionAsync(cancellation);
        return new Rotation(current.Secret, until);
    }
}
