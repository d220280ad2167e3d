using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Messaging;
using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>What became of a submission.</summary>
internal enum Acceptance
{
    Accepted,
    Conflict,
    Unaffordable,

    /// <summary>The tenant has as many tasks open as it may.</summary>
    Full,

    /// <summary>Did not fit beside the tenant's other tasks of the same batch; never leaves this class.</summary>
    Crowded,
}

/// <summary>The database went away while it was accepting: the task may or may not be there, and asking for it will tell.</summary>
internal sealed class AcceptanceUnknownException(Exception inner)
    : Exception("The database connection broke while a task was being accepted.", inner);

/// <summary>
/// Step 4 of the walk: the hold, the row and the ledger entry in one transaction that many callers share.
/// After it the task is never lost; before it nothing is kept.
/// </summary>
internal sealed partial class AcceptTasks
{
    private const int LargestBatch = 256;

    // Measured: more spares little and adds to every caller's wait.
    private const double Rest = 5;
    private const string AwaitEarlierTry = "select from accounts where tenant_id = any($1) order by tenant_id for update";

    // Statements for which a taskUUID that was used before is looked for, once one has been met: whoever sends one may send more.
    private const int LooksAfterConflict = 1000;

    private static readonly string Careful = SqlText.Load("accept");

    // The look and the note that a row without it stays take a fifth of the statement. Without them a conflict is an error that undoes it.
    private static readonly string Hopeful = Careful.Replace("on conflict do nothing", "", StringComparison.Ordinal);

    private readonly KeptConnection _connection;
    private readonly DatabaseRetry _retry;
    private readonly TicketOffice _tickets;
    private readonly TasksOptions _options;
    private readonly ILogger<AcceptTasks> _log;
    private readonly BatchWriter<NewTask, Acceptance> _together;
    private int _careful;

    public AcceptTasks(
        Database database, DatabaseRetry retry, TicketOffice tickets, IOptions<TasksOptions> options, ILogger<AcceptTasks> log)
    {
        _connection = database.KeepDurable("accept");
        _retry = retry;
        _tickets = tickets;
        _options = options.Value;
        _log = log;
        _together = new BatchWriter<NewTask, Acceptance>(AcceptBatchAsync, LargestBatch, Rest) { Gathers = true };
    }

    /// <summary>
    /// Accepts or refuses one task. Throws <see cref="AcceptanceUnknownException"/> when the database went away in the middle,
    /// and what the driver threw when it could not be reached at all: then nothing was accepted.
    /// A caller that hangs up does not stop this.
    /// </summary>
    public async Task<Acceptance> AcceptAsync(NewTask task)
    {
        var outcome = await _together.WriteAsync(task);

        // Its batch did not fit into the tenant's credit as a whole. Alone it may.
        return outcome == Acceptance.Crowded ? (await AcceptBatchAsync([task]))[0] : outcome;
    }

    private async Task<IReadOnlyList<Acceptance>> AcceptBatchAsync(IReadOnlyList<NewTask> batch)
    {
        await StopPoint.ReachAsync(StopPoint.Accepting);
        var mayHaveCommitted = false;
        try
        {
            return await _retry.RunAsync(cancellation => _connection.RunAsync(
                async connection =>
                {
                    var isAgain = mayHaveCommitted;
                    if (isAgain)
                    {
                        await AwaitEarlierTryAsync(connection, batch, cancellation);
                    }

                    mayHaveCommitted = true;
                    try
                    {
                        return await ExecuteAsync(connection, batch, isAgain, cancellation);
                    }
                    catch (Exception fault) when (WasRolledBack(fault))
                    {
                        mayHaveCommitted = isAgain;
                        throw;
                    }
                },
                cancellation));
        }
        catch (Exception fault) when (mayHaveCommitted)
        {
            throw new AcceptanceUnknownException(fault);
        }
    }

    // An ERROR answers the statement itself, unless a pooler says it of a server that is gone. Anything else, a FATAL of a server that goes down too,
    // leaves open how far it came.
    private static bool WasRolledBack(Exception fault) =>
        fault is PostgresException { InvariantSeverity: "ERROR", SqlState: not PostgresErrorCodes.ProtocolViolation };

    private void AnnounceAccepted(IReadOnlyList<NewTask> batch, Acceptance[] outcomes)
    {
        var accepted = batch.Where((_, i) => outcomes[i] == Acceptance.Accepted).ToList();

        // One ticket speaks for all tasks of a pool that were committed before it.
        foreach (var pool in accepted.Select(static task => task.Pool).Distinct(StringComparer.Ordinal))
        {
            _tickets.Announce(pool);
        }

        TaskMetrics.Accepted(batch, outcomes);
        LogAccepted(_log, accepted.Count, batch.Count);
    }

    // The server may still be busy with the earlier try. Its lock is waited for in a statement of its own, so that the next one sees
    // what it has committed and takes the rows for our own instead of somebody's with the same taskUUID.
    private static async Task AwaitEarlierTryAsync(
        NpgsqlConnection connection, IReadOnlyList<NewTask> batch, CancellationToken cancellation)
    {
        await using var waiting = new NpgsqlCommand(AwaitEarlierTry, connection);
        waiting.Add(batch.Select(static task => task.TenantId).Distinct().ToArray());
        await waiting.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<Acceptance[]> ExecuteAsync(
        NpgsqlConnection connection, IReadOnlyList<NewTask> batch, bool isAgain, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _careful) > 0)
        {
            Interlocked.Decrement(ref _careful);
        }
        else if (!isAgain)
        {
            try
            {
                return await ExecuteAsync(Hopeful, connection, batch, cancellation);
            }
            catch (PostgresException conflict) when (conflict.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                Volatile.Write(ref _careful, LooksAfterConflict);
            }
        }

        return await ExecuteAsync(Careful, connection, batch, cancellation);
    }

    private async Task<Acceptance[]> ExecuteAsync(
        string statement, NpgsqlConnection connection, IReadOnlyList<NewTask> batch, CancellationToken cancellation)
    {
        await using var command = LateFlush.After(statement, parameters => AddColumns(parameters, batch), connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var outcomes = new Acceptance[batch.Count];
        for (var i = 0; await reader.ReadAsync(cancellation); i++)
        {
            outcomes[i] = reader.GetString(0) switch
            {
                "accepted" => Acceptance.Accepted,
                "conflict" => Acceptance.Conflict,
                "full" when IsAlone(batch, i) || !outcomes.Contains(Acceptance.Conflict) => Acceptance.Full,
                "unaffordable" when IsAlone(batch, i) => Acceptance.Unaffordable,
                _ => Acceptance.Crowded,
            };
        }

        await StopPoint.ReachAsync(StopPoint.Accepted);

        // Workers may begin before the disk has turned: should the server crash now, their claims are lost with the tasks.
        AnnounceAccepted(batch, outcomes);
        await reader.NextResultAsync(cancellation);
        LateFlush.Forget(command);
        await StopPoint.ReachAsync(StopPoint.Announced);
        return outcomes;
    }

    private static bool IsAlone(IReadOnlyList<NewTask> batch, int place)
    {
        var tenant = batch[place].TenantId;
        return !batch.Where((task, i) => i != place && task.TenantId == tenant).Any();
    }

    private void AddColumns(NpgsqlParameterCollection parameters, IReadOnlyList<NewTask> batch)
    {
        parameters.AddColumn(batch, static t => t.TaskId);
        parameters.AddColumn(batch, static t => t.TenantId);
        parameters.AddColumn(batch, static t => t.KeyId);
        parameters.AddColumn(batch, static t => t.TaskUuid);
        parameters.AddColumn(batch, static t => t.Spec.Model);
        parameters.AddColumn(batch, static t => t.Pool);
        parameters.AddColumn(batch, static t => (short)t.Spec.NumberResults);
        parameters.AddColumn(batch, static t => t.PricePerResult);
        parameters.AddColumn(batch, static t => t.VirtualCost);
        parameters.AddColumn(batch, static t => t.PriceVersion);
        parameters.AddColumn(batch, static t => t.Seed);
        parameters.AddColumn(batch, static t => t.Waiter);
        parameters.AddTyped(TimeSpan.FromMinutes(_options.DeadlineMinutes));
        parameters.AddColumn(batch, static t => t.Request);
        parameters.AddColumn(batch, static t => t.MaxQueued);
        parameters.AddColumn(batch, static t => t.MaxRunning);
        parameters.AddColumn(batch, static t => t.Units);
        parameters.AddColumn(batch, static t => t.MicroUsdPerMillion);
        parameters.AddColumn(batch, static t => t.WebhookUrl);
        parameters.AddColumn(batch, static t => t.Terms?.ToString());
        parameters.AddColumn(batch, static t => t.Trace);
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Debug, Message = "Accepted {Accepted} of {Offered} tasks in one transaction")]
    private static partial void LogAccepted(ILogger log, int accepted, int offered);
}
