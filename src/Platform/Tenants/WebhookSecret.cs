using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Tenants;

/// <summary>A secret that signs a tenant's webhooks. Each has one current secret, and for a day after each rotation the one before it.</summary>
internal sealed class WebhookSecret : IEntityTypeConfiguration<WebhookSecret>
{
    /// <summary>How long a rotated secret signs along, so that a receiver can be changed without a gap.</summary>
    public static readonly TimeSpan SignsAlong = TimeSpan.FromHours(24);

    public Guid SecretId { get; init; }

    public Guid TenantId { get; init; }

    /// <summary><c>whsec_</c> and the base64 of 32 random bytes, as Standard Webhooks writes it.</summary>
    public required string Secret { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null while it is the current one.</summary>
    public DateTimeOffset? SignsUntil { get; set; }

    public static WebhookSecret Make(Guid tenantId, DateTimeOffset now) => new()
    {
        SecretId = Guid.CreateVersion7(now),
        TenantId = tenantId,
        Secret = "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        CreatedAt = now,
    };

    public void Configure(EntityTypeBuilder<WebhookSecret> builder) =>
        builder.ToTable("webhook_secrets").HasKey(secret => secret.SecretId);
}
