using System.Text.Json;
using Platform.Persistence;

namespace Platform.Ledger.Reconciliation;

/// <summary>A reconciliation in a list; the figures are absent while it runs.</summary>
internal sealed record ReconciliationLine(
    Guid ReconciliationId, DateTimeOffset StartedAt, string Actor, DateTimeOffset From, DateTimeOffset To, long? Differences, int? FailedChecks);

/// <summary>Reports of the past.</summary>
internal sealed class ReadReconciliations(Database database)
{
    /// <summary>Newest first, of those before the one <paramref name="before"/>.</summary>
    public async Task<IReadOnlyList<ReconciliationLine>> ListAsync(Guid? before, int limit, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(
            """
            select reconciliation_id, started_at, actor, period_from, period_to, differences, failed_checks
              from reconciliations where $1::uuid is null or reconciliation_id < $1 order by reconciliation_id desc limit $2
            """);
        command.Add(before);
        command.Add(limit);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var lines = new List<ReconciliationLine>();
        while (await row.ReadAsync(cancellation))
        {
            lines.Add(new ReconciliationLine(
                row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3),
                row.GetFieldValue<DateTimeOffset>(4), row.IsDBNull(5) ? null : row.GetInt64(5), row.IsDBNull(6) ? null : row.GetInt32(6)));
        }

        return lines;
    }

    /// <summary>Null where there is none of this id, or it runs still.</summary>
    public Task<ReconcileReport?> FindAsync(Guid id, CancellationToken cancellation) =>
        ReadAsync("select report::text from reconciliations where reconciliation_id = $1 and report is not null", id, cancellation);

    /// <summary>The newest that has come to its end.</summary>
    public Task<ReconcileReport?> FindNewestAsync(CancellationToken cancellation) =>
        ReadAsync("select report::text from reconciliations where report is not null order by started_at desc limit 1", null, cancellation);

    private async Task<ReconcileReport?> ReadAsync(string statement, Guid? id, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(statement);
        if (id is { } one)
        {
            command.Add(one);
        }

        return await command.ExecuteScalarAsync(cancellation) is string json
            ? JsonSerializer.Deserialize<ReconcileReport>(json, ReportText.Json)
            : null;
    }
}
