using Platform.Persistence;

namespace Platform.Ledger;

/// <summary>What was spent (micro-USD, refunds taken off) and how many tasks were accepted for it.</summary>
internal sealed record Spent(long MicroUsd, long Requests);

/// <summary>A tenant's usage. Days are of UTC; the last 7 and 30 include today.</summary>
internal sealed record Usage(Spent Total, Spent Today, Spent Last7Days, Spent Last30Days);

/// <summary>Reads a tenant's usage from sums by days, so that its cost does not grow with the number of entries.</summary>
internal sealed class ReadUsage(Database database, TimeProvider time)
{
    private static readonly string Statement = SqlText.Load("usage");

    public async Task<Usage> FindForTenantAsync(Guid tenantId, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(Statement);
        command.Add(tenantId);
        command.Add(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new Usage(At(0), At(2), At(4), At(6));

        Spent At(int column) => new(row.GetInt64(column), row.GetInt64(column + 1));
    }
}

/// <summary>A sweep: adds new entries to the sums by days. Safe on several nodes at once; late or absent, reads only get slower.</summary>
internal sealed class RollUsage(Database database)
{
    private static readonly string Statement = SqlText.Load("roll-usage");

    /// <summary>Entries of one tenant that one statement takes.</summary>
    public int LargestStep { get; init; } = 50_000;

    public async Task RunAsync(CancellationToken cancellation)
    {
        long added;
        do
        {
            await using var command = database.Relaxed.CreateCommand(Statement);
            command.Add(LargestStep);
            added = (long)(await command.ExecuteScalarAsync(cancellation))!;
        }
        while (added >= LargestStep);
    }
}
