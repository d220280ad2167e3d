using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>What waits and runs in one pool.</summary>
/// <param name="Waiting">Accepted and not claimed, those included that wait for their next attempt.</param>
/// <param name="Oldest">How long the one that waited longest could have been claimed already.</param>
internal sealed record PoolDepth(string Pool, long Waiting, long Running, TimeSpan Oldest);

/// <summary>One tenant's part of a pool.</summary>
/// <param name="Oldest">As of a pool.</param>
internal sealed record TenantDepth(string Pool, Guid TenantId, string? Tenant, long Waiting, long Running, TimeSpan Oldest);

/// <summary>Counts the open tasks of all pools. It looks through all of them, so it is for people and for gauges, not for the hot path.</summary>
internal sealed class ReadQueue(Database database)
{
    private static readonly string Statement = SqlText.Load("queue");
    private static readonly string Tenants = SqlText.Load("queue-tenants");

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

    /// <summary>The tenants with the most open tasks in each pool, and the one whose task has waited longest.</summary>
    public async Task<IReadOnlyList<TenantDepth>> ReadTenantsAsync(int most, CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(Tenants);
        command.Add((long)most);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var tenants = new List<TenantDepth>();
        while (await row.ReadAsync(cancellation))
        {
            tenants.Add(new TenantDepth(
                row.GetString(0), row.GetGuid(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetInt64(3), row.GetInt64(4),
                row.GetFieldValue<TimeSpan>(5)));
        }

        return tenants;
    }
}
