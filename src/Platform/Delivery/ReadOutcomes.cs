using System.Runtime.InteropServices;
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
    private readonly BatchWriter<AskedTask, TaskOutcome?> _polls;
    private readonly BatchWriter<AskedTask, byte[]?> _requests;

    public ReadOutcomes(Database database)
    {
        _database = database;
        _together = new BatchWriter<Guid, TaskOutcome?>(ReadBatchAsync, 256);

        // However many polls come at once, they take one connection: a crowd of them must not keep tasks from being accepted.
        _polls = new BatchWriter<AskedTask, TaskOutcome?>(ReadPollsAsync, 256);
        _requests = new BatchWriter<AskedTask, byte[]?>(ReadRequestsAsync, 64);
    }

    /// <summary>A task by the platform's id, whoever owns it: for the node that accepted it itself. Null when it is gone.</summary>
    public Task<TaskOutcome?> FindAcrossTenantsAsync(Guid taskId) => _together.WriteAsync(taskId);

    /// <summary>A task by the customer's id. Null when there is none, or it is another tenant's.</summary>
    public Task<TaskOutcome?> FindForTenantAsync(Guid tenantId, Guid taskUuid, CancellationToken cancellation) =>
        _polls.WriteAsync(new AskedTask(tenantId, taskUuid)).WaitAsync(cancellation);

    /// <summary>
    /// The task object as the customer sent it, by the customer's id; null under the same conditions. Empty where it has more than
    /// <see cref="KeptRequest.Largest"/>, as one from before that limit may.
    /// </summary>
    public Task<byte[]?> FindRequestForTenantAsync(Guid tenantId, Guid taskUuid, CancellationToken cancellation) =>
        _requests.WriteAsync(new AskedTask(tenantId, taskUuid)).WaitAsync(cancellation);

    private async Task<IReadOnlyList<TaskOutcome?>> ReadBatchAsync(IReadOnlyList<Guid> taskIds)
    {
        await using var command = _database.Durable.CreateCommand(ByIds);
        command.Add(taskIds.ToArray());
        var found = await ReadAsync(command, static row => row.GetGuid(0));
        return [.. taskIds.Select(id => found.GetValueOrDefault(id))];
    }

    private async Task<IReadOnlyList<TaskOutcome?>> ReadPollsAsync(IReadOnlyList<AskedTask> asked)
    {
        await using var command = Ask(ByUuid, asked);
        var found = await ReadAsync(command, static row => new AskedTask(row.GetGuid(7), row.GetGuid(8)));
        return [.. asked.Select(task => found.GetValueOrDefault(task))];
    }

    private async Task<IReadOnlyList<byte[]?>> ReadRequestsAsync(IReadOnlyList<AskedTask> asked)
    {
        await using var command = Ask(RequestByUuid, asked);
        command.Add(KeptRequest.Largest);
        await using var row = await command.ExecuteReaderAsync();
        var found = new Dictionary<AskedTask, byte[]>();
        while (await row.ReadAsync())
        {
            found[new AskedTask(row.GetGuid(0), row.GetGuid(1))] = row.GetFieldValue<byte[]>(2);
        }

        return [.. asked.Select(task => found.GetValueOrDefault(task))];
    }

    private NpgsqlCommand Ask(string statement, IReadOnlyList<AskedTask> asked)
    {
        var command = _database.Durable.CreateCommand(statement);
        command.AddColumn(asked, static task => task.TenantId);
        command.AddColumn(asked, static task => task.TaskUuid);
        return command;
    }

    private static async Task<Dictionary<TKey, TaskOutcome>> ReadAsync<TKey>(NpgsqlCommand command, Func<NpgsqlDataReader, TKey> keyOf)
        where TKey : notnull
    {
        var found = new Dictionary<TKey, TaskOutcome>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            var key = keyOf(row);
            if (!found.TryGetValue(key, out var outcome))
            {
                found[key] = outcome = ReadTask(row, row.GetGuid(0));
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

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct AskedTask(Guid TenantId, Guid TaskUuid);
}
