using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>Webhooks that are not delivered.</summary>
/// <param name="Due">To be sent now.</param>
/// <param name="Waiting">For the time of their next attempt.</param>
/// <param name="Dead">Given up; they can be replayed.</param>
/// <param name="Oldest">How late the oldest due one is.</param>
internal sealed record WebhookBacklog(long Due, long Waiting, long Dead, TimeSpan Oldest);

/// <summary>Counts them for gauges, each up to 100,000: more is no other news.</summary>
internal sealed class ReadBacklog(Database database)
{
    private static readonly string Statement = SqlText.Load("webhook-backlog");

    public async Task<WebhookBacklog> RunAsync(CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(Statement);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new WebhookBacklog(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<TimeSpan>(3));
    }
}
