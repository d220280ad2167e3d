using System.Collections.Concurrent;
using Platform.Persistence;

namespace Platform.Ledger.Stripe;

/// <summary>
/// Writes refused requests about money into the audit log. Anybody can send them without end, so that of a kind one a minute gets an entry, and the next
/// entry says how many there were since.
/// </summary>
internal sealed class AuditRefusals(Database database, TimeProvider time)
{
    private const int MostKinds = 10_000;
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Action, Guid? Tenant, string Reason), Noted> _noted = new();

    public async Task NoteAsync(string action, Guid? tenantId, string reason, CancellationToken cancellation)
    {
        var count = Count((action, tenantId, reason));
        if (count > 0)
        {
            await database.ChangeAsync(
                """
                insert into audit_log (actor, action, tenant_id, after)
                values ('platform', $1, $2::uuid, jsonb_build_object('reason', $3::text, 'count', $4::bigint))
                """,
                cancellation, action, tenantId, reason, count);
        }
    }

    private long Count((string Action, Guid? Tenant, string Reason) kind)
    {
        if (_noted.Count > MostKinds)
        {
            _noted.Clear();
        }

        var noted = _noted.GetOrAdd(kind, static _ => new Noted());
        lock (noted)
        {
            noted.Since++;
            if (noted.At is { } at && time.GetElapsedTime(at) < Quiet)
            {
                return 0;
            }

            var count = noted.Since;
            (noted.At, noted.Since) = (time.GetTimestamp(), 0);
            return count;
        }
    }

    private sealed class Noted
    {
        public long? At { get; set; }

        public long Since { get; set; }
    }
}
