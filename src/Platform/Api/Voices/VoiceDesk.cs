using Platform.Api.Lists;
using Platform.Tenants;
using Platform.Tenants.Voices;

namespace Platform.Api.Voices;

/// <summary>What tenants and operators do with voices and consents, under the name of whoever does it.</summary>
internal sealed class VoiceDesk(TenantVoices voices, Consents consents, TimeProvider time)
{
    /// <summary>As the audit log shows a tenant's own deed: by the key that was used.</summary>
    public static string ActorOf(Caller caller) => $"key {caller.KeyId}";

    public Task<bool> DeleteAsync(Caller caller, Guid voiceId) =>
        voices.DeleteAsync(caller.TenantId, voiceId, ActorOf(caller), CancellationToken.None);

    /// <summary>The terms of a consent inside another body; its unknown fields are told with that body's.</summary>
    public ConsentDraft ReadTerms(BodyFields consent)
    {
        var terms = VoiceFields.ReadTerms(consent, time.GetUtcNow());
        consent.Finish();
        return terms;
    }

    public ConsentDraft? ReadConsent(BodyFields body, out IReadOnlyList<FieldFault> faults) => VoiceFields.ReadConsent(body, time.GetUtcNow(), out faults);

    /// <summary>Null where the tenant has no such voice or medium.</summary>
    public async Task<ConsentAnswer?> RecordAsync(Guid tenantId, ConsentDraft draft, string actor) =>
        await consents.RecordAsync(tenantId, draft, actor, CancellationToken.None) is { } consent ? ConsentAnswer.Of(consent, time.GetUtcNow()) : null;

    /// <summary>Null where there is no such consent of the tenant's; an operator names no tenant.</summary>
    public async Task<ConsentAnswer?> RevokeAsync(Guid? tenantId, Guid consentId, string actor) =>
        await consents.RevokeAsync(tenantId, consentId, actor, CancellationToken.None) is { } consent ? ConsentAnswer.Of(consent, time.GetUtcNow()) : null;

    /// <summary>A page of a tenant's consents, or what is wrong with the query.</summary>
    public async Task<(Page<ConsentAnswer>? Page, IReadOnlyList<FieldFault> Faults)> ListAsync(
        Guid tenantId, IQueryCollection given, CancellationToken cancellation)
    {
        const string List = "consents";
        var query = new QueryFields(given);
        var (before, limit) = (query.Cursor<Guid>(List), query.Limit());
        if (query.Faults is { Count: > 0 } faults)
        {
            return (null, faults);
        }

        var found = await consents.ListForTenantAsync(tenantId, before, limit + 1, cancellation);
        return (Page.Of(found, limit, List, consent => ConsentAnswer.Of(consent, time.GetUtcNow()), static consent => consent.ConsentId.ToString()), []);
    }
}
