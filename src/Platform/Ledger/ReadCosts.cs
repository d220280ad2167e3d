using System.Runtime.CompilerServices;
using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger;

/// <summary>
/// The charges of a period, read as they are asked for: however many there are, only a few are in memory at a time.
/// Both reads cover all tenants where none is named.
/// </summary>
internal sealed class ReadCosts(Database database)
{
    private const string Placeholder = "/*tenant*/";
    private static readonly string Rows = SqlText.Load("costs");
    private static readonly string Sums = SqlText.Load("cost-sums");

    public async IAsyncEnumerable<CostRow> StreamAsync(
        Guid? tenantId, Period period, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = Ask(Rows, tenantId, period);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            yield return Read(rows);
        }
    }

    public async IAsyncEnumerable<CostSum> SumAsync(
        CostGroup group, Guid? tenantId, Period period, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var column = group switch
        {
            CostGroup.Day => "to_char(e.at at time zone 'UTC', 'YYYY-MM-DD')",
            CostGroup.Model => "e.model",
            _ => "k.prefix",
        };
        await using var command = Ask(Sums.Replace("/*group*/", column, StringComparison.Ordinal), tenantId, period);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            yield return new CostSum(
                rows.IsDBNull(0) ? null : rows.GetString(0), rows.GetGuid(1), rows.GetString(2), rows.GetInt64(3), rows.GetInt64(4),
                rows.GetInt64(5));
        }
    }

    // Without a limit of time: an export takes as long as its reader does, and ends when that one hangs up.
    private NpgsqlCommand Ask(string statement, Guid? tenantId, Period period)
    {
        var command = database.Reports.CreateCommand(
            statement.Replace(Placeholder, tenantId is null ? "" : "and e.tenant_id = $3", StringComparison.Ordinal));
        command.Add(period.From);
        command.Add(period.To);
        if (tenantId is { } id)
        {
            command.Add(id);
        }

        return command;
    }

    private static CostRow Read(NpgsqlDataReader row)
    {
        decimal? price = row.IsDBNull(8) ? null : row.GetInt64(8) / 1_000_000m;
        return new CostRow
        {
            At = row.GetFieldValue<DateTimeOffset>(0),
            TenantId = row.GetGuid(1),
            TenantName = row.GetString(2),
            TaskUUID = row.IsDBNull(3) ? null : row.GetGuid(3),
            AudioUUID = row.IsDBNull(4) ? null : row.GetGuid(4),
            Model = row.IsDBNull(5) ? null : row.GetString(5),
            KeyPrefix = row.IsDBNull(6) ? null : row.GetString(6),
            Unit = row.IsDBNull(12) ? (price is null ? null : "character") : row.GetString(12),
            Units = row.IsDBNull(7) ? null : row.GetInt64(7),
            UnitPriceMicroUsd = price,
            AmountMicroUsd = row.GetInt64(9),
            PriceVersion = row.IsDBNull(10) ? null : row.GetString(10),
            State = row.IsDBNull(11) ? null : row.GetString(11),
        };
    }
}
