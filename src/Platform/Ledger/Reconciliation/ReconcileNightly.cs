using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Ledger.Reconciliation;

/// <summary>
/// Makes each night's reconciliation once, whichever scheduler comes first; one that missed its hour makes it later. Every scheduler takes the newest
/// report over into its metrics.
/// </summary>
internal sealed class ReconcileNightly(
    Reconcile reconcile, NewestReconciliation newest, Database database, IOptions<ReconcileOptions> options, TimeProvider time)
{
    // One that has not come to an end in two hours was killed with its process: the next look makes it.
    private const string Claim =
        """
        insert into reconciliations as r (reconciliation_id, started_at, actor, period_from, period_to, night) values ($1, $2, 'scheduler', $3, $4, $5)
        on conflict (night) do update set reconciliation_id = excluded.reconciliation_id, started_at = excluded.started_at
         where r.report is null and r.started_at < excluded.started_at - interval '2 hours'
        """;

    /// <param name="progressed">Told after each check.</param>
    public async Task RunAsync(CancellationToken cancellation, Action? progressed = null)
    {
        var now = time.GetUtcNow();
        if (options.Value.NightlyHour >= 0 && now.Hour >= options.Value.NightlyHour)
        {
            var end = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
            await RunAsync(new Period(end.AddDays(-options.Value.NightlyDays), end), DateOnly.FromDateTime(end.UtcDateTime), progressed, cancellation);
        }

        await newest.ShowAsync(cancellation);
    }

    private async Task RunAsync(Period period, DateOnly night, Action? progressed, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        await using var claim = database.Durable.CreateCommand(Claim);
        claim.Add(id);
        claim.Add(time.GetUtcNow());
        claim.Add(period.From);
        claim.Add(period.To);
        claim.Add(night);
        if (await claim.ExecuteNonQueryAsync(cancellation) == 0)
        {
            return;
        }

        var report = await reconcile.RunAsync(id, period, cancellation, progressed);
        if (options.Value.Folder.Length > 0)
        {
            await ReportFiles.WriteAsync(options.Value.Folder, report, cancellation);
        }
    }
}

/// <summary>
/// Takes the newest report over into the metrics of a scheduler, whoever made it. No other process shows one: it would show its own long after a newer
/// one was made elsewhere.
/// </summary>
internal sealed class NewestReconciliation(ReadReconciliations read, ReconcileMeter meter)
{
    public async Task ShowAsync(CancellationToken cancellation)
    {
        if (await read.FindNewestAsync(cancellation) is { } report)
        {
            meter.Show(report);
        }
    }
}
