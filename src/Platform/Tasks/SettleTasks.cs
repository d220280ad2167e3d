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
    private static readonly string Before = SqlText.Load("settled-before");

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
        await StopPoint.ReachAsync(StopPoint.Settled);
        foreach (var node in settled.Where(static s => s.Value is not null).GroupBy(static s => s.Value!.Value, static s => s.Key))
        {
            _events.Tell(node.Key, node);
        }

        await StopPoint.ReachAsync(StopPoint.Told);
        foreach (var i in round)
        {
            outcomes[i] = settled.ContainsKey(batch[i].TaskId);
        }
    }

    /// <summary>The tasks that are settled now, each with the node that waits for it.</summary>
    private static async Task<Dictionary<Guid, Guid?>> ExecuteAsync(
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

        var settled = new Dictionary<Guid, Guid?>(batch.Count);
        await using var command = new NpgsqlCommand(Statement, connection);
        AddFence(command, batch);
        AddOutcome(command, batch);
        await ReadAsync(command, settled, cancellation);
        var refused = batch.FindAll(s => s.LeaseToken is not null && !settled.ContainsKey(s.TaskId));
        if (refused.Count > 0)
        {
            await using var look = new NpgsqlCommand(Before, connection);
            AddFence(look, refused);
            await ReadAsync(look, settled, cancellation);
        }

        await LateFlush.WaitAsync(connection, cancellation);
        return settled;
    }

    private static async Task ReadAsync(NpgsqlCommand command, Dictionary<Guid, Guid?> settled, CancellationToken cancellation)
    {
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            settled[row.GetGuid(0)] = row.IsDBNull(1) ? null : row.GetGuid(1);
        }
    }

    private static void AddFence(NpgsqlCommand command, List<Settlement> batch)
    {
        command.AddColumn(batch, static s => s.TaskId);
        command.AddColumn(batch, static s => s.LeaseToken);
        command.AddColumn(batch, static s => s.NextState);
    }

    private static void AddOutcome(NpgsqlCommand command, List<Settlement> batch)
    {
        command.AddColumn(batch, static s => s.Error);
        command.AddColumn(batch, static s => s.Delay);
        command.AddColumn(batch, static s => s.Result?.Index);
        command.AddColumn(batch, static s => s.Result?.AudioUuid);
        command.AddColumn(batch, static s => s.Result?.Size);
        command.AddColumn(batch, static s => s.Result?.ExpiresAt);
        command.AddColumn(batch, static s => s.Result?.BlobKey);
        command.AddColumn(batch, static s => s.Result?.OutputType.ToString());
        command.AddColumn(batch, static s => s.Result?.Item);
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Debug, Message = "Settled {Effective} of {Offered} tasks in one transaction")]
    private static partial void LogSettled(ILogger log, int effective, int offered);
}
