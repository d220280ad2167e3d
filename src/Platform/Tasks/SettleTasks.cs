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

    // Measured: more spares little and adds to every caller's wait.
    private const double Rest = 5;
    private const string AwaitEarlierTry = "select from open_tasks where task_id = any($1) order by task_id for update";
    private static readonly string Statement = SqlText.Load("settle");
    private static readonly string Before = SqlText.Load("settled-before");

    private readonly KeptConnection _connection;
    private readonly DatabaseRetry _retry;
    private readonly SettledEvents _events;
    private readonly WebhookBell _bell;
    private readonly ILogger<SettleTasks> _log;
    private readonly BatchWriter<Settlement, bool> _together;

    public SettleTasks(Database database, DatabaseRetry retry, SettledEvents events, WebhookBell bell, ILogger<SettleTasks> log)
    {
        _connection = database.KeepDurable("settle");
        _retry = retry;
        _events = events;
        _bell = bell;
        _log = log;
        _together = new BatchWriter<Settlement, bool>(SettleBatchAsync, LargestBatch, Rest) { Gathers = true };
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
        var settled = await _retry.RunAsync(cancellation => _connection.RunAsync(
            connection =>
            {
                var again = sent;
                sent = true;
                return ExecuteAsync(connection, round.ConvertAll(i => batch[i]), again, cancellation);
            },
            cancellation));
        await StopPoint.ReachAsync(StopPoint.Settled);
        foreach (var node in round.Where(i => NodeOf(i) is not null).GroupBy(i => NodeOf(i)!.Value, i => EventOf(batch[i])))
        {
            _events.Tell(node.Key, node);
        }

        if (settled.Values.Any(static task => task.HasWebhook))
        {
            _bell.Ring();
        }

        await StopPoint.ReachAsync(StopPoint.Told);
        foreach (var i in round)
        {
            outcomes[i] = settled.ContainsKey(batch[i].TaskId);
            if (outcomes[i] && batch[i].NextState is not (TaskState.Pending or TaskState.Running))
            {
                TaskMetrics.Ended(batch[i].NextState);
            }
        }

        Guid? NodeOf(int i) => settled.GetValueOrDefault(batch[i].TaskId).Waiter;
    }

    private static SettledTask EventOf(Settlement settlement) => settlement is { IsWhole: true, Result: { } result }
        ? new SettledTask
        {
            TaskId = settlement.TaskId,
            Item = result.Item,
            OutputType = result.OutputType.ToString(),
            BlobKey = result.BlobKey,
        }
        : new SettledTask { TaskId = settlement.TaskId };

    /// <summary>The tasks that are settled now, each with the node that waits for it.</summary>
    private static async Task<Dictionary<Guid, Settled>> ExecuteAsync(
        NpgsqlConnection connection, List<Settlement> batch, bool again, CancellationToken cancellation)
    {
        if (again)
        {
            // The server may still be busy with the earlier try. Its locks are waited for in a statement of their own, so that the next
            // one sees what it has committed: a worker that is told "refused" deletes the file that it has just handed over.
            await using var waiting = new NpgsqlCommand(AwaitEarlierTry, connection);
            waiting.Add(batch.Select(static settlement => settlement.TaskId).ToArray());
            await waiting.ExecuteNonQueryAsync(cancellation);
        }

        var settled = new Dictionary<Guid, Settled>(batch.Count);
        await ReadAsync(Statement, parameters => AddAll(parameters, batch, again), settled, connection, cancellation);
        var refused = batch.FindAll(s => s.LeaseToken is not null && !settled.ContainsKey(s.TaskId));
        if (refused.Count > 0)
        {
            await ReadAsync(Before, parameters => AddTried(parameters, refused), settled, connection, cancellation);
        }

        return settled;
    }

    private static async Task ReadAsync(
        string statement,
        Action<NpgsqlParameterCollection> addParameters,
        Dictionary<Guid, Settled> settled,
        NpgsqlConnection connection,
        CancellationToken cancellation)
    {
        await using var command = LateFlush.After(statement, addParameters, connection);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            settled[row.GetGuid(0)] = new Settled(row.IsDBNull(1) ? null : row.GetGuid(1), row.GetBoolean(2));
        }

        await row.NextResultAsync(cancellation);
        LateFlush.Forget(command);
    }

    private static void AddAll(NpgsqlParameterCollection parameters, List<Settlement> batch, bool again)
    {
        AddFence(parameters, batch);
        AddOutcome(parameters, batch);
        parameters.AddTyped(again);
    }

    private static void AddFence(NpgsqlParameterCollection parameters, List<Settlement> batch)
    {
        parameters.AddColumn(batch, static s => s.TaskId);
        parameters.AddColumn(batch, static s => s.LeaseToken);
        parameters.AddColumn(batch, static s => s.NextState);
    }

    private static void AddTried(NpgsqlParameterCollection parameters, List<Settlement> batch)
    {
        AddFence(parameters, batch);
        parameters.AddColumn(batch, static s => s.Result?.AudioUuid);
    }

    private static void AddOutcome(NpgsqlParameterCollection parameters, List<Settlement> batch)
    {
        parameters.AddColumn(batch, static s => s.Error);
        parameters.AddColumn(batch, static s => s.Delay);
        parameters.AddColumn(batch, static s => s.Result?.Index);
        parameters.AddColumn(batch, static s => s.Result?.AudioUuid);
        parameters.AddColumn(batch, static s => s.Result?.Size);
        parameters.AddColumn(batch, static s => s.Result?.ExpiresAt);
        parameters.AddColumn(batch, static s => s.Result?.BlobKey);
        parameters.AddColumn(batch, static s => s.Result?.OutputType.ToString());
        parameters.AddColumn(batch, static s => s.Result?.Item);
        parameters.AddColumn(batch, static s => s.Result?.Cost);
        parameters.AddColumn(batch, static s => s.Result?.Units);
    }

    private readonly record struct Settled(Guid? Waiter, bool HasWebhook);

    [LoggerMessage(EventId = 2301, Level = LogLevel.Debug, Message = "Settled {Effective} of {Offered} tasks in one transaction")]
    private static partial void LogSettled(ILogger log, int effective, int offered);
}
