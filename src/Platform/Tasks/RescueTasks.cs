using Platform.Catalog;
using Platform.Delivery;
using Platform.Messaging;
using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>
/// The sweep on which nothing lost stays lost: tasks of dead workers go back to their pool or end, tasks that nobody took in time
/// expire, parked ones return when their time has come, and waiting work gets a ticket again. Any number of nodes may run it at once; each
/// step is a fenced settlement.
/// </summary>
internal sealed partial class RescueTasks(
    Database database, SettleTasks settle, RetryPolicy policy, TicketOffice tickets, ILogger<RescueTasks> log)
{
    private const int UnparkedAtOnce = 2000;

    private static readonly string Overdue = SqlText.Load("overdue");
    private static readonly string Expired = SqlText.Load("expired");
    private static readonly string Unpark = SqlText.Load("unpark");
    private static readonly string Waiting = SqlText.Load("waiting");

    private static readonly byte[] TooLate = ItemJson.RenderError(new TaskError(
        ErrorCodes.ProviderTimeout, "No worker was free before the task's deadline. Nothing was charged."));

    public async Task RunAsync(CancellationToken cancellation)
    {
        var lost = await ReadAsync(
            Overdue, row => policy.AfterLostLease(row.GetGuid(0), row.GetGuid(2), row.GetInt16(1)), cancellation);
        var expired = await ReadAsync(
            Expired, static row => new Settlement { TaskId = row.GetGuid(0), NextState = TaskState.Expired, Error = TooLate }, cancellation);
        var settled = await Task.WhenAll(lost.Concat(expired).Select(settle.SettleAsync));
        await UnparkAsync(cancellation);
        foreach (var pool in await ReadAsync(Waiting, static row => row.GetString(0), cancellation))
        {
            tickets.Announce(pool);
        }

        // Nothing too: a series that begins with the first loss has no increase to see.
        TaskMetrics.RescuedBySweep(lost.Count, expired.Count);
        if (lost.Count + expired.Count > 0)
        {
            LogRescued(log, lost.Count, expired.Count, settled.Count(static took => took));
        }
    }

    private async Task UnparkAsync(CancellationToken cancellation)
    {
        int moved;
        do
        {
            await using var command = database.Relaxed.CreateCommand(Unpark);
            command.Add(UnparkedAtOnce);
            moved = await command.ExecuteNonQueryAsync(cancellation);
        }
        while (moved == UnparkedAtOnce);
    }

    private async Task<List<T>> ReadAsync<T>(string statement, Func<Npgsql.NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(statement);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await row.ReadAsync(cancellation))
        {
            rows.Add(read(row));
        }

        return rows;
    }

    [LoggerMessage(
        EventId = 2701,
        Level = LogLevel.Warning,
        Message = "Found {Lost} tasks of silent workers and {Expired} past their deadline; {Settled} were settled by this sweep")]
    private static partial void LogRescued(ILogger log, int lost, int expired, int settled);
}
