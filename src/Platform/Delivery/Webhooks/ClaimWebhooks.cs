using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Catalog;
using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>
/// Leases due webhooks, a few of each endpoint in turn. Where one claim ended the next begins, so that all endpoints are visited however
/// many there are. For one caller at a time.
/// </summary>
internal sealed class ClaimWebhooks(Database database, IOptions<WebhookOptions> options)
{
    private const int EndpointsOfOneClaim = 250;

    private static readonly string Promote = SqlText.Load("webhook-promote");
    private static readonly string Claim = SqlText.Load("webhook-claim");
    private static readonly EndpointKey Beginning = new(Guid.Empty, "");

    private readonly TimeSpan _lease = TimeSpan.FromSeconds(options.Value.TimeoutSeconds + options.Value.LeaseSeconds);
    private EndpointKey _cursor = Beginning;

    /// <summary>Endpoints that the last claim looked at.</summary>
    public int Visited { get; private set; } = 1;

    /// <summary>Makes retries whose time has come due; to be called when some may be.</summary>
    public async Task PromoteAsync(CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(Promote);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>What was leased, and whether endpoints that were not visited are left.</summary>
    public async Task<(IReadOnlyList<DueWebhook> Webhooks, bool AreEndpointsLeft)> RunAsync(ClaimRoom room, CancellationToken cancellation)
    {
        var from = _cursor;
        var token = Guid.NewGuid();
        await using var command = database.Relaxed.CreateCommand(Claim);
        AddParameters(command, room, token);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var claimed = new List<DueWebhook>();
        (EndpointKey Key, int Place) last = (Beginning, 0);
        EndpointKey? taken = null;
        while (await row.ReadAsync(cancellation))
        {
            last = (new EndpointKey(row.GetGuid(0), row.GetString(1)), row.GetInt32(2));
            if (!row.IsDBNull(3))
            {
                claimed.Add(Read(row, token));

                // What was looked at by its name is no place to go on from.
                taken = row.GetInt32(3) <= EndpointsOfOneClaim ? claimed[^1].Key : taken;
            }
        }

        Visited = Math.Max(1, last.Place);

        // Cut short by the room, it goes on behind the endpoint it took last; at the end of the endpoints it starts over.
        _cursor = claimed.Count >= room.Total && taken is { } cut ? cut : last.Place >= EndpointsOfOneClaim ? last.Key : Beginning;
        return (claimed, _cursor != Beginning || from != Beginning);
    }

    private void AddParameters(NpgsqlCommand command, ClaimRoom room, Guid token)
    {
        var crowded = room.Allowed.Where(static one => one is { Key.Endpoint: "", Value: 0 }).Select(static one => one.Key.TenantId).ToHashSet();

        // Only what differs from the rule for unknown endpoints has to be told, and what is looked at by its name.
        var special = room.Allowed.Where(one => one.Value != room.AllowedUnknown || crowded.Contains(one.Key.TenantId)).ToList();
        command.AddColumn(special, static one => one.Key.TenantId);
        command.AddColumn(special, static one => one.Key.Endpoint);
        command.AddColumn(special, static one => one.Value);
        command.Add(_cursor.TenantId);
        command.Add(_cursor.Endpoint);
        command.Add(EndpointsOfOneClaim);
        command.Add(room.AllowedUnknown);
        command.Add(room.Total);
        command.Add(token);
        command.Add(_lease);
        command.Add(crowded.ToArray());
    }

    private static DueWebhook Read(NpgsqlDataReader row, Guid token) => new()
    {
        WebhookId = row.GetGuid(4),
        Key = new EndpointKey(row.GetGuid(5), row.GetString(6)),
        Url = row.GetString(7),
        LeaseToken = token,
        Attempt = row.GetInt32(8),
        Step = row.GetInt16(9),
        ClaimedAt = row.GetFieldValue<DateTimeOffset>(10),
        Item = row.IsDBNull(11)
            ? null
            : new DeliveredItem(row.GetFieldValue<byte[]>(11), Enum.Parse<OutputType>(row.GetString(12)), row.GetString(13)),
        Error = row.IsDBNull(14) ? null : row.GetFieldValue<byte[]>(14),
        TaskUuid = row.GetGuid(16),
        Request = row.IsDBNull(15) ? null : row.GetFieldValue<byte[]>(15),
        Lag = row.GetFieldValue<TimeSpan>(17),
        Trace = row.IsDBNull(18) ? null : row.GetFieldValue<byte[]>(18),
    };
}
