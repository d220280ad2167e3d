using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Tenants;

/// <summary>A customer of the platform.</summary>
internal sealed class Tenant : IEntityTypeConfiguration<Tenant>
{
    public const string Prepaid = "prepaid";
    public const string Postpaid = "postpaid";

    public Guid TenantId { get; init; }

    public required string Name { get; set; }

    /// <summary><see cref="Prepaid"/> or <see cref="Postpaid"/>; only the latter may have a credit limit.</summary>
    public required string Billing { get; set; }

    /// <summary>Share of a busy pool in proportion to the others; 1 to 1000.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>Refill of the token bucket. Null, here and in the next three: the platform's default.</summary>
    public int? RequestsPerSecond { get; set; }

    /// <summary>Size of the token bucket.</summary>
    public int? Burst { get; set; }

    /// <summary>Tasks that may run at the same time.</summary>
    public int? MaxRunning { get; set; }

    /// <summary>Tasks that may wait.</summary>
    public int? MaxQueued { get; set; }

    public DateTimeOffset? SuspendedAt { get; set; }

    /// <summary>Set for good once an operator asked for the tenant's data to be erased: nothing about it is changed any more.</summary>
    public DateTimeOffset? ErasureAskedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public TenantLimits Limits => new(RequestsPerSecond, Burst, MaxRunning, MaxQueued);

    public void Configure(EntityTypeBuilder<Tenant> builder)
    {
        builder.ToTable("tenants").HasKey(tenant => tenant.TenantId);
        builder.Ignore(tenant => tenant.Limits);
    }
}

/// <summary>What a tenant may do at the most; null is the platform's default.</summary>
internal sealed record TenantLimits(
    int? RequestsPerSecond = null, int? Burst = null, int? MaxRunning = null, int? MaxQueued = null)
{
    public static readonly TenantLimits Default = new();
}
