using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Tenants.Voices;

/// <summary>A person's consent that their voice is used: about a voice of a tenant's own, or about a recording by its content.</summary>
internal sealed class VoiceConsent : IEntityTypeConfiguration<VoiceConsent>
{
    public Guid ConsentId { get; init; }

    public Guid TenantId { get; init; }

    public Guid? VoiceId { get; init; }

    public byte[]? ContentHash { get; init; }

    /// <summary>The medium whose content it is about, as it was named when the consent was recorded.</summary>
    public Guid? MediaUuid { get; init; }

    /// <summary>Who agreed.</summary>
    public required string Person { get; init; }

    /// <summary>To what.</summary>
    public required string Scope { get; init; }

    /// <summary>Exclusive; null is without end.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    public DateTimeOffset RecordedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    public ConsentState StateAt(DateTimeOffset now) =>
        RevokedAt is not null ? ConsentState.Revoked : ValidUntil <= now ? ConsentState.Expired : ConsentState.InForce;

    public void Configure(EntityTypeBuilder<VoiceConsent> builder) => builder.ToTable("voice_consents").HasKey(consent => consent.ConsentId);
}

/// <summary>Whether somebody's voice may be used.</summary>
internal enum ConsentState
{
    /// <summary>Nobody recorded anything.</summary>
    None,
    InForce,
    Expired,
    Revoked,
}

/// <summary>A consent that is to be recorded, about a voice or about a recording.</summary>
internal sealed record ConsentDraft(string Person, string Scope, DateTimeOffset? Until)
{
    public Guid? VoiceId { get; init; }

    public Guid? MediaUuid { get; init; }
}
