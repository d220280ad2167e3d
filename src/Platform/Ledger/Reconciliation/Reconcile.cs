using System.Data.Common;
using System.Text.Json;
using Platform.Persistence;

namespace Platform.Ledger.Reconciliation;

/// <summary>Makes all checks over a period and keeps the report. Repairs nothing.</summary>
internal sealed partial class Reconcile(
    IEnumerable<IBookCheck> checks, Database database, TimeProvider time, ILogger<Reconcile> log)
{
    /// <summary>Differences of one check that a report lists; the others are counted.</summary>
    public const int MostListed = 1000;
    private const int LookUpAtOnce = 500;

    // One with the reference of the repair is enough: an entry that moved the money, or a note where none had to move.
    private const string Repaired =
        """
        select r.reference
          from unnest($1::uuid[], $2::text[]) as r(tenant_id, reference)
         where exists (select from ledger_entries e where e.tenant_id = r.tenant_id and e.reference = r.reference)
            or exists (select from audit_log a where a.tenant_id is not distinct from r.tenant_id and a.subject = r.reference)
        """;

    public async Task<ReconcileReport> RunAsync(Period period, string actor, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        await using var begin = database.Durable.CreateCommand(
            "insert into reconciliations (reconciliation_id, started_at, actor, period_from, period_to) values ($1, $2, $3, $4, $5)");
        begin.Add(id);
        begin.Add(time.GetUtcNow());
        begin.Add(actor);
        begin.Add(period.From);
        begin.Add(period.To);
        await begin.ExecuteNonQueryAsync(cancellation);
        return await RunAsync(id, period, cancellation);
    }

    /// <summary>Fills in a reconciliation that has its row already.</summary>
    public async Task<ReconcileReport> RunAsync(Guid id, Period period, CancellationToken cancellation, Action? progressed = null)
    {
        var (at, started) = (time.GetUtcNow(), time.GetTimestamp());
        var outcomes = new List<CheckOutcome>();
        foreach (var check in checks)
        {
            outcomes.Add(await RunAsync(check, period, cancellation));
            progressed?.Invoke();
        }

        var report = new ReconcileReport(id, period.From, period.To, at, time.GetElapsedTime(started).TotalSeconds, outcomes);
        await KeepAsync(report, cancellation);
        LogDone(log, report.Differences, report.FailedChecks, report.Checks.Count, period.From, period.To);
        return report;
    }

    private async Task<CheckOutcome> RunAsync(IBookCheck check, Period period, CancellationToken cancellation)
    {
        var (started, tally) = (time.GetTimestamp(), new Tally());
        string? fault = null;
        try
        {
            var pending = new List<Difference>();
            await foreach (var difference in check.FindAsync(period, cancellation))
            {
                pending.Add(difference);
                if (pending.Count == LookUpAtOnce)
                {
                    await CountAsync(pending, tally, cancellation);
                }
            }

            await CountAsync(pending, tally, cancellation);
        }
        catch (Exception cause) when (cause is DbException or HttpRequestException or InvalidDataException or TimeoutException)
        {
            // One book that cannot be read must not hide what the others say.
            fault = cause.Message;
            LogFailed(log, cause, check.Name);
        }

        return new CheckOutcome(
            check.Name, check.Question, tally.Count, tally.Repaired, time.GetElapsedTime(started).TotalSeconds, fault, tally.Listed)
        {
            LeftOut = check.LeftOut,
        };
    }

    private async Task CountAsync(List<Difference> pending, Tally tally, CancellationToken cancellation)
    {
        if (pending.Count == 0)
        {
            return;
        }

        await using var command = database.Reports.CreateCommand(Repaired);
        command.AddColumn(pending, static one => one.TenantId);
        command.AddColumn(pending, static one => one.RepairReference);
        var repaired = new HashSet<string>(StringComparer.Ordinal);
        await using (var rows = await command.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                repaired.Add(rows.GetString(0));
            }
        }

        foreach (var difference in pending)
        {
            tally.Add(difference, repaired.Contains(difference.RepairReference));
        }

        pending.Clear();
    }

    private async Task KeepAsync(ReconcileReport report, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(
            """
            update reconciliations set finished_at = now(), differences = $2, failed_checks = $3, report = $4::text::jsonb
             where reconciliation_id = $1
            """);
        command.Add(report.ReconciliationId);
        command.Add(report.Differences);
        command.Add(report.FailedChecks);
        command.Add(JsonSerializer.Serialize(report, ReportText.Json));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private sealed class Tally
    {
        public List<Difference> Listed { get; } = [];

        public long Count { get; private set; }

        public long Repaired { get; private set; }

        public void Add(Difference difference, bool isRepaired)
        {
            if (isRepaired)
            {
                Repaired++;
                return;
            }

            Count++;
            if (Listed.Count < MostListed)
            {
                Listed.Add(difference);
            }
        }
    }

    [LoggerMessage(
        EventId = 4801,
        Level = LogLevel.Information,
        Message = "Reconciled {From:O} to {To:O}: {Differences} differences, {Failed} of {Checks} checks could not be made")]
    private static partial void LogDone(ILogger log, long differences, int failed, int checks, DateTimeOffset from, DateTimeOffset to);

    [LoggerMessage(EventId = 4802, Level = LogLevel.Warning, Message = "The reconciliation check {Check} could not be made")]
    private static partial void LogFailed(ILogger log, Exception cause, string check);
}
