namespace Platform.Persistence;

/// <summary>Writes entries of the audit log beside statements that know no <see cref="PlatformDb"/>.</summary>
internal static class AuditLog
{
    private const string Insert =
        """
        insert into audit_log (actor, action, tenant_id, subject, after)
        values ($1, $2, nullif($3, '00000000-0000-0000-0000-000000000000'::uuid), nullif($4, ''), nullif($5, '')::jsonb)
        """;

    /// <summary>On disk when this returns, by the database's clock.</summary>
    public static async Task WriteAsync(Database database, AuditEntry entry, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(Insert);
        command.Add(entry.Actor);
        command.Add(entry.Action);
        command.Add(entry.TenantId ?? Guid.Empty);
        command.Add(entry.Subject ?? "");
        command.Add(entry.After ?? "");
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
