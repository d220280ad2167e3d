using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Tenants;

/// <summary>A customer of the platform.</summary>
internal sealed class Tenant : IEntityTypeConfiguration<Tenant>
{
    public Guid TenantId { get; init; }

    public required string Name { get; set; }

    /// <summary><c>prepaid</c> or <c>postpaid</c>.</summary>
    public required string Billing { get; init; }

    /// <summary>Share of a busy pool in proportion to the others; 1 to 1000.</summary>
    public int Weight { get; set; } = 1;

    public int? RequestsPerSecond { get; set; }

    public int? Burst { get; set; }

    public int? MaxRunning { get; set; }

    public int? MaxQueued { get; set; }

    public DateTimeOffset? SuspendedAt { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public void Configure(EntityTypeBuilder<Tenant> builder) => builder.ToTable("tenants").HasKey(tenant => tenant.TenantId);
}
