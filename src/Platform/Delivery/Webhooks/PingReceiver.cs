using Platform.Outbound;
using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>What a test of a receiver came to: the id that it was sent, and the attempt; or why the URL may not be called.</summary>
internal sealed record PingOutcome(string? MessageId, AttemptOutcome? Attempt, OutboundRefusal? Refusal);

/// <summary>
/// Tests a receiver: one event, signed like every other, posted once and at once. It leaves no row, because nothing depends on its arrival.
/// </summary>
internal sealed class PingReceiver(OutboundGuard guard, SignedPost post, Database database, TimeProvider time)
{
    private static readonly byte[] Event = """{"data":[{"taskType":"ping","pong":true}]}"""u8.ToArray();

    /// <param name="actor">Who asks, for the audit log. It stands there before the event goes out.</param>
    public async Task<PingOutcome> RunAsync(Guid tenantId, string url, string actor, CancellationToken cancellation)
    {
        if (await guard.CheckAsync(url, tenantId, cancellation) is { } refusal)
        {
            return new PingOutcome(null, null, refusal);
        }

        await AuditLog.WriteAsync(database, new AuditEntry
        {
            Actor = actor,
            Action = "webhook.ping",
            TenantId = tenantId,
            // No more of the URL: its path and query may hold a secret of the receiver's.
            Subject = new Uri(url).Authority,
        }, cancellation);
        var message = new SignedMessage(tenantId, Guid.NewGuid(), time.GetUtcNow());
        return new PingOutcome(message.Id, await post.RunAsync(message, new Uri(url), new WebhookBody(Event)), null);
    }
}
