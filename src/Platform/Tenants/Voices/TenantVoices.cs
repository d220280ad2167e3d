using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants.Voices;

/// <summary>Whether a tenant may have one more voice made.</summary>
internal enum VoicePlace
{
    Taken,
    TooMany,
    TooManyToday,
}

/// <summary>How many voices a tenant may have, and how many it may have made in a day.</summary>
internal sealed record VoiceLimits(int Most, int MostADay);

/// <summary>The voices of tenants' own: every question names the tenant, and someone else's voice is not there.</summary>
internal sealed class TenantVoices(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    private const string Made = "voice.create";

    /// <summary>Writes a voice down before its provider is asked for it, as long as the tenant may have one more.</summary>
    public async Task<VoicePlace> ReserveAsync(TenantVoice voice, VoiceLimits limits, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);

        // The tenant's row is the lock: two at once cannot both take the last place.
        await database.Database.ExecuteSqlAsync($"select from tenants where tenant_id = {voice.TenantId} for no key update", cancellation);
        if (await database.Set<TenantVoice>().CountAsync(one => one.TenantId == voice.TenantId && one.DeletedAt == null, cancellation) >= limits.Most)
        {
            return VoicePlace.TooMany;
        }

        // By the audit log, because what a tenant deleted is forgotten; those that are being made count by their rows.
        var since = time.GetUtcNow().AddDays(-1);
        var made = await database.Set<AuditEntry>().CountAsync(
            one => one.TenantId == voice.TenantId && one.Action == Made && one.At > since, cancellation);
        var making = await database.Set<TenantVoice>().CountAsync(
            one => one.TenantId == voice.TenantId && one.MadeAt == null && one.CreatedAt > since, cancellation);
        if (made + making >= limits.MostADay)
        {
            return VoicePlace.TooManyToday;
        }

        database.Add(voice);
        await database.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return VoicePlace.Taken;
    }

    /// <summary>Notes what the provider made. From here on tasks can name it.</summary>
    public async Task FinishAsync(TenantVoice voice, (string Name, string TargetModel) made, string actor, CancellationToken cancellation)
    {
        voice.ProviderName = made.Name;
        voice.TargetModel = made.TargetModel;
        voice.MadeAt = time.GetUtcNow();
        await using var database = await databases.CreateDbContextAsync(cancellation);
        database.Update(voice);
        database.Add(Audit(Made, voice, actor));
        await database.SaveChangesAsync(cancellation);
    }

    /// <summary>Null when the tenant has no such voice, or not any more.</summary>
    public async Task<TenantVoice?> FindForTenantAsync(Guid tenantId, Guid voiceId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<TenantVoice>().AsNoTracking().SingleOrDefaultAsync(
            voice => voice.VoiceId == voiceId && voice.TenantId == tenantId && voice.MadeAt != null && voice.DeletedAt == null, cancellation);
    }

    /// <summary>All of a tenant's voices, newest first.</summary>
    public async Task<IReadOnlyList<TenantVoice>> ListForTenantAsync(Guid tenantId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<TenantVoice>().AsNoTracking()
            .Where(voice => voice.TenantId == tenantId && voice.MadeAt != null && voice.DeletedAt == null)
            .OrderByDescending(static voice => voice.VoiceId).ToListAsync(cancellation);
    }

    /// <summary>Hides a voice at once; the provider forgets it by the next sweep. False when there is none.</summary>
    /// <param name="tenantId">Null for an operator, who may delete anybody's.</param>
    public async Task<bool> DeleteAsync(Guid? tenantId, Guid voiceId, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var voice = await database.Set<TenantVoice>()
            .FromSql($"select * from voices where voice_id = {voiceId} for update").SingleOrDefaultAsync(cancellation);
        if (voice is not { DeletedAt: null } || (tenantId is { } owner && owner != voice.TenantId))
        {
            return false;
        }

        voice.DeletedAt = time.GetUtcNow();
        database.Add(Audit("voice.delete", voice, actor));
        await database.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>What providers still have to forget: deleted voices, and those that were never finished.</summary>
    public async Task<IReadOnlyList<TenantVoice>> ListLeavingAcrossTenantsAsync(TimeSpan unfinishedAfter, int limit, CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - unfinishedAfter;
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<TenantVoice>().AsNoTracking()
            .Where(voice => voice.DeletedAt != null || (voice.MadeAt == null && voice.CreatedAt < before))
            .OrderBy(static voice => voice.CreatedAt).Take(limit).ToListAsync(cancellation);
    }

    /// <summary>The end of a voice that its provider has forgotten.</summary>
    public async Task RemoveAcrossTenantsAsync(Guid voiceId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await database.Set<VoiceConsent>().Where(consent => consent.VoiceId == voiceId).ExecuteDeleteAsync(cancellation);
        await database.Set<TenantVoice>().Where(voice => voice.VoiceId == voiceId).ExecuteDeleteAsync(cancellation);
    }

    private AuditEntry Audit(string action, TenantVoice voice, string actor) => new()
    {
        At = time.GetUtcNow(),
        Actor = actor,
        Action = action,
        TenantId = voice.TenantId,
        Subject = voice.VoiceId.ToString(),
        After = AuditEntry.Fields(new { voice.Model, voice.Kind, voice.Engine }),
    };
}
