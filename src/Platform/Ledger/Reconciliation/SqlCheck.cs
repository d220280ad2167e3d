using System.Runtime.CompilerServices;
using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger.Reconciliation;

/// <summary>
/// A check that one statement makes, and so one snapshot: live traffic never looks like a difference. It takes the period as <c>$1</c> and
/// <c>$2</c> and gives kind, tenant, key, subject, expected, found and repair.
/// </summary>
internal sealed class SqlCheck(Database database, string name, string question) : IBookCheck
{
    private readonly string _statement = SqlText.Load("check-" + name);

    public string Name => name;

    public string Question => question;

    public async IAsyncEnumerable<Difference> FindAsync(Period period, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(_statement);
        command.Add(period.From);
        command.Add(period.To);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            yield return Read(row);
        }
    }

    private static Difference Read(NpgsqlDataReader row) => new()
    {
        Kind = row.GetString(0),
        TenantId = row.IsDBNull(1) ? null : row.GetGuid(1),
        Key = row.GetString(2),
        Subject = row.GetString(3),
        Expected = row.GetString(4),
        Found = row.GetString(5),
        Repair = row.GetString(6),
    };
}
