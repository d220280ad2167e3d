using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Persistence;

/// <summary>
/// One change by an operator: who, what, when, and the changed fields before and after. Written in the transaction of the change, so that
/// there is neither without the other. Append-only, which the table itself holds; secrets have no place in it.
/// </summary>
internal sealed class AuditEntry : IEntityTypeConfiguration<AuditEntry>
{
    private static readonly JsonSerializerOptions Camel = new(JsonSerializerDefaults.Web);

    public long AuditId { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Such as <c>admin rw_admin_aB3dEf</c> or <c>cli root</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>Such as <c>tenant.change</c>.</summary>
    public required string Action { get; init; }

    public Guid? TenantId { get; init; }

    /// <summary>What was changed where that is not the tenant itself: a key's prefix, a reference.</summary>
    public string? Subject { get; init; }

    public string? Before { get; init; }

    public string? After { get; init; }

    /// <summary>The fields as JSON for <see cref="Before"/> and <see cref="After"/>.</summary>
    public static string Fields(object fields) => JsonSerializer.Serialize(fields, Camel);

    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable("audit_log").HasKey(entry => entry.AuditId);
        builder.Property(entry => entry.AuditId).UseIdentityAlwaysColumn();
        builder.Property(entry => entry.Before).HasColumnType("jsonb");
        builder.Property(entry => entry.After).HasColumnType("jsonb");
    }
}
