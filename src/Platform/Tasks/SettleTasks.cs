using Npgsql;
using Platform.Messaging;
using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>
/// Step 11 of the walk: results, captures, releases and the next state in one transaction, fenced by the lease token.
/// Every way in which a task ends goes through here, cancelling and expiring too, so that money moves in one place.
/// </summary>
internal sealed partial class SettleTasks
{
    private const int LargestBatch = 256;
    private const string AwaitEarlierTry = "select from tasks where task_id = any($1) order by task_id for update";
    private static readonly string Statement = SqlText.Load("settle");

    private readonly Database _database;
    private readonly DatabaseRetry _retry;
    private readonly SettledEvents _events;
    private readonly ILogger<SettleTasks> _log;
    private readonly BatchWriter<Settlement, bool> _together;

    public SettleTasks(Database database, DatabaseRetry retry, SettledEvents events, ILogger<SettleTasks> log)
    {
        _database = database;
        _retry = retry;
        _events = events;
        _log = log;
        _together = new BatchWriter<Settlement, bool>(SettleBatchAsync, LargestBatch);
    }

    /// <summary>
    /// True when the settlement took effect, now or in an earlier try of this same call; false when the fence refused it,
    /// because the task was settled, cancelled or claimed by another. Then nothing of it was kept.
    /// </summary>
    public Task<bool> SettleAsync(Settlement settlement) => _together.WriteAsync(settlement);

    private async Task<IReadOnlyList<bool>> SettleBatchAsync(IReadOnlyList<Settlement> batch)
    {
        var outcomes = new bool[batch.Count];
        var rest = Enumerable.Range(0, batch.Count).ToList();
        while (rest.Count > 0)
        {
            // One statement changes a row once: a task that is settled twice in a batch waits for the next round.
            var round = rest.DistinctBy(i => batch[i].TaskId).ToList();
            await SettleRoundAsync(batch, round, outcomes);
            rest = rest.Except(round).ToList();
        }

        LogSettled(_log, outcomes.Count(static took => took), batch.Count);
        return outcomes;
    }

    private async Task SettleRoundAsync(IReadOnlyList<Settlement> batch, List<int> round, bool[] outcomes)
    {
        var sent = false;
        var settled = await _retry.RunAsync(async cancellation =>
        {
            await using var connection = await _database.Durable.OpenConnectionAsync(cancellation);
            var again = sent;
            sent = true;
            return await ExecuteAsync(connection, round.ConvertAll(i => batch[i]), again, cancellation);
        });
        foreach (var node in settled.Values.Where(s => s.Waiter is not null).GroupBy(s => s.Waiter!.Value, s => s.TaskId))
        {
            _events.Tell(node.Key, node);
        }

        foreach (var i in round)
        {
            outcomes[i] = settled[batch[i].TaskId].Took;
        }
    }

    private static async Task<Dictionary<Guid, Settled>> ExecuteAsync(
        NpgsqlConnection connection, List<Settlement> batch, bool again, CancellationToken cancellation)
    {
        if (!again)
        {
            return await ExecuteAsync(connection, batch, cancellation);
        }

        // The server may still be busy with the earlier try. Its locks are waited for in a statement of their own, so that the next
        // one sees what it has committed: a worker that is told "refused" deletes the file that it has just handed over.
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var waiting = new NpgsqlCommand(AwaitEarlierTry, connection);
        waiting.Add(batch.Select(static settlement => settlement.TaskId).ToArray());
        await waiting.ExecuteNonQueryAsync(cancellation);
        var settled = await ExecuteAsync(connection, batch, cancellation);
        await transaction.CommitAsync(cancellation);
        return settled;
    }

    private static async Task<Dictionary<Guid, Settled>> ExecuteAsync(
        NpgsqlConnection connection, List<Settlement> batch, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Statement, connection);
        AddColumns(command, batch);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var settled = new Dictionary<Guid, Settled>(batch.Count);
        while (await reader.ReadAsync(cancellation))
        {
            var taskId = reader.GetGuid(0);
            var took = reader.GetBoolean(1) || reader.GetBoolean(3);
            Guid? waiter = reader.IsDBNull(2) ? null : reader.GetGuid(2);
            settled[taskId] = new Settled(taskId, took, waiter);
        }

        return settled;
    }

    private static void AddColumns(NpgsqlCommand command, List<Settlement> batch)
    {
        command.AddColumn(batch, static s => s.TaskId);
        command.AddColumn(batch, static s => s.LeaseToken);
        command.AddColumn(batch, static s => s.NextState);
        command.AddColumn(batch, static s => s.Error);
        command.AddColumn(batch, static s => s.Delay);
        var results = batch.SelectMany(static s => s.Results).ToList();
        command.AddColumn(results, static r => r.TaskId);
        command.AddColumn(results, static r => r.Index);
        command.AddColumn(results, static r => r.AudioUuid);
        command.AddColumn(results, static r => r.Size);
        command.AddColumn(results, static r => r.ExpiresAt);
        command.AddColumn(results, static r => r.BlobKey);
        command.AddColumn(results, static r => r.OutputType.ToString());
        command.AddColumn(results, static r => r.Item);
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Debug, Message = "Settled {Effective} of {Offered} tasks in one transaction")]
    private static partial void LogSettled(ILogger log, int effective, int offered);

    private readonly record struct Settled(Guid TaskId, bool Took, Guid? Waiter);
}
