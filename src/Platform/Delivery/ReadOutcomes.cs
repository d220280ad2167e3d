using Npgsql;
using Platform.Catalog;
using Platform.Persistence;

namespace Platform.Delivery;

/// <summary>Reads tasks for replies. Every way of delivery shows what this returns, so that they cannot differ.</summary>
internal sealed class ReadOutcomes
{
    private static readonly string ByIds = SqlText.Load("outcomes");
    private static readonly string ByUuid = SqlText.Load("poll");
    private static readonly string RequestByUuid = SqlText.Load("task-request");

    private readonly Database _database;
    private readonly BatchWriter<Guid, TaskOutcome?> _together;

    public ReadOutcomes(Database database)
    {
        _database = database;
        _together = new BatchWriter<Guid, TaskOutcome?>(ReadBatchAsync, 256);
    }

    /// <summary>A task by the platform's id, whoever owns it: for the node that accepted it itself. Null when it is gone.</summary>
    public Task<TaskOutcome?> FindAcrossTenantsAsync(Guid taskId) => _together.WriteAsync(taskId);

    /// <summary>A task by the customer's id. Null when there is none, or it is another tenant's.</summary>
    public async Task<TaskOutcome?> FindForTenantAsync(Guid tenantId, Guid taskUuid, CancellationToken cancellation)
    {
        await using var command = _database.Durable.CreateCommand(ByUuid);
        command.Add(tenantId);
        command.Add(taskUuid);
        return (await ReadAsync(command, cancellation)).Values.SingleOrDefault();
    }

    /// <summary>The task object as the customer sent it, by the customer's id; null under the same conditions.</summary>
    public async Task<byte[]?> FindRequestForTenantAsync(Guid tenantId, Guid taskUuid, CancellationToken cancellation)
    {
        await using var command = _database.Durable.CreateCommand(RequestByUuid);
        command.Add(tenantId);
        command.Add(taskUuid);
        return (byte[]?)await command.ExecuteScalarAsync(cancellation);
    }

    private async Task<IReadOnlyList<TaskOutcome?>> ReadBatchAsync(IReadOnlyList<Guid> taskIds)
    {
        await using var command = _database.Durable.CreateCommand(ByIds);
        command.Add(taskIds.ToArray());
        var found = await ReadAsync(command, CancellationToken.None);
        return [.. taskIds.Select(id => found.GetValueOrDefault(id))];
    }

    private static async Task<Dictionary<Guid, TaskOutcome>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var found = new Dictionary<Guid, TaskOutcome>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var taskId = row.GetGuid(0);
            if (!found.TryGetValue(taskId, out var outcome))
            {
                found[taskId] = outcome = ReadTask(row, taskId);
            }

            if (!row.IsDBNull(4))
            {
                ((List<DeliveredItem>)outcome.Items).Add(
                    new DeliveredItem(row.GetFieldValue<byte[]>(4), Enum.Parse<OutputType>(row.GetString(5)), row.GetString(6)));
            }
        }

        return found;
    }

    private static TaskOutcome ReadTask(NpgsqlDataReader row, Guid taskId) => new()
    {
        TaskId = taskId,
        State = row.GetString(1),
        NumberResults = row.GetInt16(2),
        Error = row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3),
        Items = new List<DeliveredItem>(),
    };
}
