using Npgsql;
using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>What became of the wish to send a webhook again.</summary>
internal enum Replay
{
    Done,

    /// <summary>It has not ended, so its own schedule goes on.</summary>
    OnItsWay,
    Unknown,
}

/// <summary>A span of a tenant's ended webhooks.</summary>
/// <param name="State"><c>dead</c> or <c>delivered</c>.</param>
/// <param name="From">By when the result was finished, inclusive.</param>
/// <param name="To">Exclusive.</param>
internal sealed record ReplaySpan(Guid TenantId, string State, DateTimeOffset From, DateTimeOffset To);

/// <summary>
/// Sends ended webhooks again: the whole schedule from its beginning, under the same id, so that a receiver that knows it can pass it over.
/// </summary>
internal sealed class ReplayWebhooks(Database database, Messaging.WebhookBell bell)
{
    private const string One =
        """
        with replayed as (
            update webhooks
               set state = 'due', step = 0, next_attempt_at = now(), finished_at = null
             where webhook_id = $1 and state in ('delivered', 'dead')
            returning tenant_id, webhook_id
        )
        insert into audit_log (actor, action, tenant_id, subject) select $2, 'webhook.replay', tenant_id, webhook_id::text from replayed
        """;

    private static readonly string Many = SqlText.Load("webhook-replay");

    /// <param name="actor">Who asks, for the audit log.</param>
    public async Task<Replay> RunAcrossTenantsAsync(Guid webhookId, string actor, CancellationToken cancellation)
    {
        await using var update = database.Durable.CreateCommand(One);
        update.Add(webhookId);
        update.Add(actor);
        if (await update.ExecuteNonQueryAsync(cancellation) == 1)
        {
            bell.Ring();
            return Replay.Done;
        }

        await using var look = database.Durable.CreateCommand("select true from webhooks where webhook_id = $1");
        look.Add(webhookId);
        return await look.ExecuteScalarAsync(cancellation) is true ? Replay.OnItsWay : Replay.Unknown;
    }

    /// <summary>How many are sent again. The audit log says so before the first is.</summary>
    public async Task<int> RunForTenantAsync(ReplaySpan span, string actor, CancellationToken cancellation)
    {
        await AuditLog.WriteAsync(database, new AuditEntry
        {
            Actor = actor,
            Action = "webhooks.replay",
            TenantId = span.TenantId,
            After = AuditEntry.Fields(new { span.State, span.From, span.To }),
        }, cancellation);
        await using var clock = database.Durable.CreateCommand("select now()");
        var began = (DateTime)(await clock.ExecuteScalarAsync(cancellation))!;
        var all = 0;
        int some;
        do
        {
            await using var command = database.Durable.CreateCommand(Many);
            AddParameters(command, span, began);
            some = await command.ExecuteNonQueryAsync(cancellation);
            all += some;
            bell.Ring();
        }
        while (some > 0);
        return all;
    }

    private static void AddParameters(NpgsqlCommand command, ReplaySpan span, DateTime began)
    {
        command.Add(span.TenantId);
        command.Add(span.State);
        command.Add(span.From.ToUniversalTime());
        command.Add(span.To.ToUniversalTime());
        command.Add(began);
    }
}
