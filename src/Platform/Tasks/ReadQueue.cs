using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>What waits and runs in one pool.</summary>
/// <param name="Waiting">Accepted and not claimed, those included that wait for their next attempt.</param>
/// <param name="Oldest">How long the one that waited longest could have been claimed already.</param>
internal sealed record PoolDepth(string Pool, long Waiting, long Running, TimeSpan Oldest);

/// <summary>Counts the open tasks of all pools. It looks through all of them, so it is for people and for gauges, not for the hot path.</summary>
internal sealed class ReadQueue(Database database)
{
    private static readonly string Statement = SqlText.Load("queue");

    public async Task<IReadOnlyList<PoolDepth>> RunAsync(CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(Statement);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var pools = new List<PoolDepth>();
        while (await row.ReadAsync(cancellation))
        {
            pools.Add(new PoolDepth(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<TimeSpan>(3)));
        }

        return pools;
    }
}
