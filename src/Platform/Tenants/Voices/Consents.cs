using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants.Voices;

/// <summary>Records, revokes and looks up consents. Every change has its audit entry in the same transaction.</summary>
internal sealed class Consents(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    /// <summary>Null where the tenant has no such voice or medium.</summary>
    public async Task<VoiceConsent?> RecordAsync(Guid tenantId, ConsentDraft draft, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var hash = draft.MediaUuid is { } medium ? await HashOfAsync(database, tenantId, medium, cancellation) : null;
        if (hash is null && (draft.VoiceId is not { } voiceId || !await database.Set<TenantVoice>().AnyAsync(
            voice => voice.VoiceId == voiceId && voice.TenantId == tenantId && voice.DeletedAt == null, cancellation)))
        {
            return null;
        }

        var consent = new VoiceConsent
        {
            ConsentId = Guid.CreateVersion7(time.GetUtcNow()),
            TenantId = tenantId,
            VoiceId = hash is null ? draft.VoiceId : null,
            ContentHash = hash,
            MediaUuid = draft.MediaUuid,
            Person = draft.Person,
            Scope = draft.Scope,
            ValidUntil = draft.Until,
            RecordedAt = time.GetUtcNow(),
        };
        database.Add(consent);
        database.Add(Audit("consent.record", consent, actor));
        await database.SaveChangesAsync(cancellation);
        return consent;
    }

    /// <summary>Null where there is no such consent, or it is not this tenant's; one that was revoked before stays as it was.</summary>
    /// <param name="tenantId">Null for an operator, who may revoke anybody's.</param>
    public async Task<VoiceConsent?> RevokeAsync(Guid? tenantId, Guid consentId, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var consent = await database.Set<VoiceConsent>()
            .FromSql($"select * from voice_consents where consent_id = {consentId} for update").SingleOrDefaultAsync(cancellation);
        if (consent is null || (tenantId is { } owner && owner != consent.TenantId))
        {
            return null;
        }

        if (consent.RevokedAt is null)
        {
            consent.RevokedAt = time.GetUtcNow();
            database.Add(Audit("consent.revoke", consent, actor));
            await database.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }

        return consent;
    }

    /// <summary>A page of a tenant's consents, newest first.</summary>
    public async Task<IReadOnlyList<VoiceConsent>> ListForTenantAsync(Guid tenantId, Guid? before, int limit, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<VoiceConsent>().AsNoTracking()
            .Where(consent => consent.TenantId == tenantId && (before == null || consent.ConsentId < before))
            .OrderByDescending(static consent => consent.ConsentId).Take(limit).ToListAsync(cancellation);
    }

    /// <summary>Of a voice: what was recorded about itself, or about the recording that it was made from.</summary>
    public Task<ConsentState> StateOfVoiceAsync(TenantVoice voice, CancellationToken cancellation) =>
        StateAsync(voice.TenantId, voice.VoiceId, voice.ContentHash, cancellation);

    /// <summary>Of a stored recording, whichever of the tenant's media holds the same bytes.</summary>
    public async Task<ConsentState> StateOfMediumAsync(Guid tenantId, Guid mediaUuid, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await HashOfAsync(database, tenantId, mediaUuid, cancellation) is { } hash
            ? await StateAsync(tenantId, null, hash, cancellation)
            : ConsentState.None;
    }

    // One that is in force is enough: a consent that was renewed leaves the old one expired behind it.
    private async Task<ConsentState> StateAsync(Guid tenantId, Guid? voiceId, byte[]? hash, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var found = await database.Set<VoiceConsent>().AsNoTracking()
            .Where(consent => consent.TenantId == tenantId
                && ((voiceId != null && consent.VoiceId == voiceId) || (hash != null && consent.ContentHash == hash)))
            .OrderByDescending(static consent => consent.ConsentId).ToListAsync(cancellation);
        var states = found.ConvertAll(consent => consent.StateAt(time.GetUtcNow()));
        return states.Count == 0 ? ConsentState.None : states.Contains(ConsentState.InForce) ? ConsentState.InForce : states[0];
    }

    // Media belong to storage; their content is asked for past its mapping, as what a consent is about.
    private static Task<byte[]?> HashOfAsync(PlatformDb database, Guid tenantId, Guid mediaUuid, CancellationToken cancellation) =>
        database.Database.SqlQuery<byte[]>(
            $"""
            select content_hash as "Value" from media
             where tenant_id = {tenantId} and media_uuid = {mediaUuid} and stored_at is not null and deleted_at is null
            """).SingleOrDefaultAsync(cancellation);

    private AuditEntry Audit(string action, VoiceConsent consent, string actor) => new()
    {
        At = time.GetUtcNow(),
        Actor = actor,
        Action = action,
        TenantId = consent.TenantId,
        Subject = consent.ConsentId.ToString(),
        After = AuditEntry.Fields(new { consent.VoiceId, consent.MediaUuid, consent.ValidUntil, consent.RevokedAt }),
    };
}
