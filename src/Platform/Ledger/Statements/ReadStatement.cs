using System.Globalization;
using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger.Statements;

/// <summary>Reads statements from the ledger: they are never stored, since the ledger cannot change.</summary>
internal sealed class ReadStatement(Database database, TimeProvider time)
{
    private static readonly string Lines = SqlText.Load("statement");

    /// <summary>The month that a text such as <c>2026-11</c> names; null where it names none, or one that has not begun.</summary>
    public Period? MonthOf(string text) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start)
        && start.Year >= 1970 && start <= time.GetUtcNow()
            ? new Period(start, start.AddMonths(1))
            : null;

    /// <summary>Null when there is no such tenant.</summary>
    public async Task<Statement?> FindForTenantAsync(Guid tenantId, Period month, CancellationToken cancellation)
    {
        await using var whose = database.Durable.CreateCommand("select name, billing from tenants where tenant_id = $1");
        whose.Add(tenantId);
        await using var tenant = await whose.ExecuteReaderAsync(cancellation);
        if (!await tenant.ReadAsync(cancellation))
        {
            return null;
        }

        var (name, billing) = (tenant.GetString(0), tenant.GetString(1));
        await tenant.CloseAsync();
        var now = time.GetUtcNow();
        return new Statement(tenantId, name, billing, month, month.To <= now, now, await ReadLinesAsync(tenantId, month, cancellation));
    }

    private async Task<List<StatementLine>> ReadLinesAsync(Guid tenantId, Period month, CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(Lines);
        command.Add(tenantId);
        command.Add(month.From);
        command.Add(month.To);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var lines = new List<StatementLine>();
        while (await row.ReadAsync(cancellation))
        {
            lines.Add(Read(row));
        }

        return lines;
    }

    private static StatementLine Read(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.IsDBNull(1) ? null : row.GetFieldValue<DateTimeOffset>(1),
        row.IsDBNull(2) ? null : row.GetString(2),
        row.IsDBNull(3) ? null : row.GetString(3),
        row.IsDBNull(4) ? null : row.GetInt64(4),
        row.IsDBNull(5) ? null : row.GetInt64(5),
        row.IsDBNull(6) ? null : row.GetString(6),
        row.IsDBNull(7) ? null : row.GetInt64(7) / 1_000_000m,
        row.GetInt64(8));
}
