using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger;

/// <summary>A tenant's money and how it came about.</summary>
internal sealed class ReadLedger(Database database, IDbContextFactory<PlatformDb> databases)
{
    private static readonly string Statement = SqlText.Load("ledger-page");

    /// <summary>Null when there is no such tenant.</summary>
    public async Task<Account?> FindAccountForTenantAsync(Guid tenantId, CancellationToken cancellation)
    {
        await using var context = await databases.CreateDbContextAsync(cancellation);
        return await context.Set<Account>().AsNoTracking().SingleOrDefaultAsync(account => account.TenantId == tenantId, cancellation);
    }

    /// <summary>Entries of a period, newest first, of those before the entry <paramref name="before"/>.</summary>
    public async Task<IReadOnlyList<LedgerEntry>> ListForTenantAsync(
        Guid tenantId, Period period, long? before, int limit, CancellationToken cancellation)
    {
        await using var command = database.Looks.CreateCommand(Statement);
        command.Add(tenantId);
        command.Add(before ?? long.MaxValue);
        command.Add(period.From);
        command.Add(period.To);
        command.Add(limit);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var entries = new List<LedgerEntry>();
        while (await rows.ReadAsync(cancellation))
        {
            entries.Add(Read(rows));
        }

        return entries;
    }

    private static LedgerEntry Read(NpgsqlDataReader row)
    {
        var kind = row.GetString(2);
        return new LedgerEntry
        {
            EntryId = row.GetInt64(0),
            At = row.GetFieldValue<DateTimeOffset>(1),
            Kind = LedgerEntry.NameOf(kind),
            Amount = LedgerEntry.SignOf(kind) * row.GetInt64(3),
            BalanceAfter = row.GetInt64(4),
            TaskUUID = row.IsDBNull(5) ? null : row.GetGuid(5),
            AudioUUID = row.IsDBNull(6) ? null : row.GetGuid(6),
            Model = row.IsDBNull(7) ? null : row.GetString(7),
            Reference = row.IsDBNull(8) ? null : row.GetString(8),
            Reason = row.IsDBNull(9) ? null : row.GetString(9),
        };
    }
}
