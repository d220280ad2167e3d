using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Tenants;

/// <summary>A key of a tenant. The key itself is shown once, when it is made; only its hash is kept.</summary>
internal sealed class ApiKey : IEntityTypeConfiguration<ApiKey>
{
    public Guid KeyId { get; init; }

    public Guid TenantId { get; init; }

    public string? Name { get; init; }

    /// <summary>SHA-256. Enough for a random key of 190 bits, where a slow hash would only slow down every request.</summary>
    public required byte[] KeyHash { get; init; }

    /// <summary>The first characters, by which a person recognises the key.</summary>
    public required string Prefix { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    public void Configure(EntityTypeBuilder<ApiKey> builder) => builder.ToTable("api_keys").HasKey(key => key.KeyId);
}
