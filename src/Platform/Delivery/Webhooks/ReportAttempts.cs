using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>
/// Writes down what became of attempts, many in one statement. Not waited to disk: what a crash of the database forgets was at worst
/// delivered, and is delivered again.
/// </summary>
internal sealed class ReportAttempts
{
    // Of the last statement's time: reports that gather meanwhile share the next one.
    private const double Rest = 0.5;

    private static readonly string Statement = SqlText.Load("webhook-report");

    private readonly Database _database;
    private readonly DatabaseRetry _retry;
    private readonly TimeProvider _time;
    private readonly BatchWriter<(AttemptReport Report, long At), bool> _together;

    public ReportAttempts(Database database, DatabaseRetry retry, TimeProvider time)
    {
        _database = database;
        _retry = retry;
        _time = time;
        _together = new(WriteAsync, 512, Rest);
    }

    /// <summary>False when the lease was no longer this attempt's: then somebody else makes the next one.</summary>
    public Task<bool> RunAsync(AttemptReport report) => _together.WriteAsync((report, _time.GetTimestamp()));

    private async Task<IReadOnlyList<bool>> WriteAsync(IReadOnlyList<(AttemptReport Report, long At)> batch)
    {
        var done = await _retry.RunAsync(async cancellation =>
        {
            await using var command = _database.Relaxed.CreateCommand(Statement);
            command.AddColumn(batch, static one => one.Report.Webhook.WebhookId);
            command.AddColumn(batch, static one => one.Report.Webhook.LeaseToken);
            command.AddColumn(batch, static one => one.Report.State);
            // The wait begins with the attempt's end and not with the statement.
            command.AddColumn(batch, one => one.Report.Delay - _time.GetElapsedTime(one.At));
            command.AddColumn(batch, static one => one.Report.Webhook.Attempt);
            command.AddColumn(batch, static one => one.Report.StartedAt);
            command.AddColumn(batch, static one => (int)one.Report.Outcome.Duration.TotalMilliseconds);
            command.AddColumn(batch, static one => (short?)one.Report.Outcome.Status);
            command.AddColumn(batch, static one => one.Report.Outcome.Error);
            command.AddColumn(batch, static one => one.Report.Outcome.Answer);
            await using var row = await command.ExecuteReaderAsync(cancellation);
            var ids = new HashSet<Guid>(batch.Count);
            while (await row.ReadAsync(cancellation))
            {
                ids.Add(row.GetGuid(0));
            }

            return ids;
        });
        return [.. batch.Select(one => done.Contains(one.Report.Webhook.WebhookId))];
    }
}
