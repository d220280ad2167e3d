using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Persistence;
using Platform.Tasks;

namespace Platform.Hosting.Nodes;

/// <summary>One process as its last beat shows it.</summary>
internal sealed record NodeView
{
    public required Guid NodeId { get; init; }

    public required string Host { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>Such as <c>api, worker</c>.</summary>
    public required string Roles { get; init; }

    public required string Version { get; init; }

    /// <summary>Of a worker.</summary>
    public required IReadOnlyList<PoolSlots> Pools { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>Its clock against the database's, ahead is positive; the way of the message is in it.</summary>
    public required TimeSpan ClockOffset { get; init; }

    /// <summary>Since it was last seen, by the database's clock as all of these.</summary>
    public TimeSpan Silence { get; init; }

    /// <summary>False when it has been silent for three beats.</summary>
    public required bool IsAlive { get; init; }

    public bool Has(Roles role) => Enum.TryParse<Roles>(Roles, ignoreCase: true, out var roles) && roles.HasFlag(role);
}

/// <summary>The processes of this installation that have been heard of within a day, the live ones first.</summary>
internal sealed class ReadNodes(Database database, IOptions<NodesOptions> options)
{
    private const string Statement =
        """
        select node_id, host, process_id, roles, version, pools::text, started_at, seen_at, clock - seen_at, seen_at > now() - $1, now() - seen_at
          from nodes
         order by seen_at > now() - $1 desc, roles, host, started_at
        """;

    public async Task<IReadOnlyList<NodeView>> RunAsync(CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(Statement);
        command.Add(TimeSpan.FromSeconds(3 * options.Value.HeartbeatSeconds));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var nodes = new List<NodeView>();
        while (await row.ReadAsync(cancellation))
        {
            nodes.Add(new NodeView
            {
                NodeId = row.GetGuid(0),
                Host = row.GetString(1),
                ProcessId = row.GetInt32(2),
                Roles = row.GetString(3),
                Version = row.GetString(4),
                Pools = JsonSerializer.Deserialize<PoolSlots[]>(row.GetString(5))!,
                StartedAt = row.GetFieldValue<DateTimeOffset>(6),
                SeenAt = row.GetFieldValue<DateTimeOffset>(7),
                ClockOffset = row.GetFieldValue<TimeSpan>(8),
                IsAlive = row.GetBoolean(9),
                Silence = row.GetFieldValue<TimeSpan>(10),
            });
        }

        return nodes;
    }
}
