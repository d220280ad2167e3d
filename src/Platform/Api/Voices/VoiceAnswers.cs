using Platform.Catalog;
using Platform.Tenants.Voices;

namespace Platform.Api.Voices;

/// <summary>A voice in the list: a preset one by its name, or one of the tenant's own by its UUID.</summary>
/// <param name="Voice">What a task sends as <c>speech.voice</c>.</param>
/// <param name="Kind"><c>preset</c>, <c>cloned</c> or <c>designed</c>.</param>
/// <param name="Available">Whether this installation speaks it with at least one of the models.</param>
internal sealed record VoiceAnswer(string Voice, string Kind, IReadOnlyList<string> Models, bool Available)
{
    public const string Preset = "preset";

    public string? Name { get; init; }

    public string? Native { get; init; }

    public IReadOnlyList<string>? Languages { get; init; }

    public string? Dialect { get; init; }

    public string? Gender { get; init; }

    public string? Description { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public static VoiceAnswer Of(CatalogVoice voice, bool isAvailable) => new(voice.Name, Preset, voice.Models, isAvailable)
    {
        Native = voice.Native,
        Languages = voice.Languages,
        Dialect = voice.Dialect,
        Gender = voice.Gender,
        Description = voice.Description,
    };

    public static VoiceAnswer Of(TenantVoice voice, bool isAvailable) => new(voice.VoiceId.ToString(), voice.Kind, [voice.Model], isAvailable)
    {
        Name = voice.Name,
        Languages = voice.Language is { } language ? [language] : null,
        CreatedAt = voice.CreatedAt,
    };
}

/// <summary>A consent as tenants and operators see it.</summary>
internal sealed record ConsentAnswer(
    Guid ConsentId,
    Guid? Voice,
    Guid? Media,
    string Person,
    string Scope,
    DateTimeOffset? Until,
    DateTimeOffset RecordedAt,
    DateTimeOffset? RevokedAt,
    string State)
{
    public static ConsentAnswer Of(VoiceConsent consent, DateTimeOffset now) => new(
        consent.ConsentId, consent.VoiceId, consent.MediaUuid, consent.Person, consent.Scope, consent.ValidUntil, consent.RecordedAt, consent.RevokedAt,
        consent.StateAt(now) switch
        {
            ConsentState.InForce => "inForce",
            ConsentState.Expired => "expired",
            _ => "revoked",
        });
}

/// <summary>What holds for a tenant, and what of it was set for it.</summary>
internal sealed record VoiceRulesAnswer(bool RequireConsent, bool MarkAudio, bool RequireConsentIsDefault, bool MarkAudioIsDefault)
{
    public static VoiceRulesAnswer Of(VoiceRule rule, VoiceRuleRow? row) =>
        new(rule.RequireConsent, rule.MarkAudio, row?.RequireConsent is null, row?.MarkAudio is null);
}
