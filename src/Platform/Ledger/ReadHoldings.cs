using Platform.Persistence;

namespace Platform.Ledger;

/// <summary>All tenants' money at one moment, in micro-USD.</summary>
/// <param name="HeldByTasks">The same as <paramref name="Held"/>, added up from the open tasks.</param>
internal sealed record Holdings(long Balance, long Held, long HeldByTasks)
{
    /// <summary>0, or something moved money in one place and not in the other.</summary>
    public long Difference => Math.Abs(Held - HeldByTasks);
}

/// <summary>Adds up what all tenants have and hold.</summary>
internal sealed class ReadHoldings(Database database)
{
    private static readonly string Statement = SqlText.Load("holdings");

    public async Task<Holdings> RunAsync(CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(Statement);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new Holdings(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }
}
