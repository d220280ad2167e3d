using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Tenants.Voices;

/// <summary>A voice that a tenant had made. Only its owner can name it.</summary>
internal sealed class TenantVoice : IEntityTypeConfiguration<TenantVoice>
{
    public const string Cloned = "cloned";
    public const string Designed = "designed";

    public Guid VoiceId { get; init; }

    public Guid TenantId { get; init; }

    public required string Name { get; init; }

    /// <summary>The AIR of the only model that speaks with it.</summary>
    public required string Model { get; init; }

    public required string Kind { get; init; }

    /// <summary>The engine that had it made, by its name in the settings.</summary>
    public required string Engine { get; init; }

    /// <summary>What the provider's own list shows of it, by which a lost one is found.</summary>
    public required string Label { get; init; }

    public string? ProviderName { get; set; }

    public string? TargetModel { get; set; }

    public string? Language { get; init; }

    /// <summary>SHA-256 of the recording; none for a designed voice.</summary>
    public byte[]? ContentHash { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? MadeAt { get; set; }

    public DateTimeOffset? DeletedAt { get; set; }

    public void Configure(EntityTypeBuilder<TenantVoice> builder) => builder.ToTable("voices").HasKey(voice => voice.VoiceId);
}
