using Platform.Persistence;

namespace Platform.Api.Admin;

/// <summary>Records what an operator did where the deed has no transaction of its own to be recorded in.</summary>
internal sealed class OperatorAudit(AuditTrail trail, AdminKey key, TimeProvider time)
{
    public Task RecordAsync(string action, Guid? tenantId, string? subject, object after, CancellationToken cancellation) => trail.AppendAsync(
        new AuditEntry
        {
            At = time.GetUtcNow(),
            Actor = key.Actor,
            Action = action,
            TenantId = tenantId,
            Subject = subject,
            After = AuditEntry.Fields(after),
        },
        cancellation);
}
