using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>Webhooks that are not delivered.</summary>
/// <param name="Due">To be sent now.</param>
/// <param name="Waiting">For the time of their next attempt.</param>
/// <param name="Dead">Given up; they can be replayed.</param>
/// <param name="Oldest">How late the oldest due one is.</param>
/// <param name="OldestUnattended">How late the oldest due one is among receivers to which none is under way.</param>
internal sealed record WebhookBacklog(long Due, long Waiting, long Dead, TimeSpan Oldest, TimeSpan OldestUnattended);

/// <summary>How one receiver of a tenant stands.</summary>
/// <param name="Endpoint">Scheme, host and port of its webhooks' addresses.</param>
/// <param name="UnderWay">Attempts that a sender is making.</param>
/// <param name="Oldest">How late its oldest due one is.</param>
/// <param name="LastAttemptAt">Of its last failure, which is shown; it may have answered well since.</param>
/// <param name="LastStatus">None where no answer came: then there is an error.</param>
internal sealed record ReceiverBacklog(
    Guid TenantId, string? Tenant, string Endpoint, long Due, long UnderWay, long Waiting, long Dead, TimeSpan Oldest,
    DateTimeOffset? LastAttemptAt, int? LastStatus, string? LastError);

/// <summary>What is not delivered: counted for gauges, each up to 100,000 since more is no other news, and by receiver for people.</summary>
internal sealed class ReadBacklog(Database database)
{
    private static readonly string Statement = SqlText.Load("webhook-backlog");
    private static readonly string Receivers = SqlText.Load("webhook-receivers");

    public async Task<WebhookBacklog> RunAsync(CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(Statement);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new WebhookBacklog(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<TimeSpan>(3), row.GetFieldValue<TimeSpan>(4));
    }

    /// <summary>Receivers with something undelivered, those with the latest webhooks first.</summary>
    /// <param name="tenantId">Null for those of all tenants.</param>
    /// <param name="byDead">Those first of which most was given up.</param>
    public async Task<IReadOnlyList<ReceiverBacklog>> ListAcrossTenantsAsync(Guid? tenantId, int most, bool byDead, CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(Receivers);
        command.Add(tenantId);
        command.Add(most);
        command.Add(byDead);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var receivers = new List<ReceiverBacklog>();
        while (await row.ReadAsync(cancellation))
        {
            receivers.Add(new ReceiverBacklog(
                row.GetGuid(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5),
                row.GetInt64(6), row.GetFieldValue<TimeSpan>(7), row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8),
                row.IsDBNull(9) ? null : row.GetInt16(9), row.IsDBNull(10) ? null : row.GetString(10)));
        }

        return receivers;
    }
}
