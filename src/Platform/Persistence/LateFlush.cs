using Npgsql;

namespace Platform.Persistence;

/// <summary>
/// Commits first and waits for the disk afterwards. A statement that holds the lock of a busy account switches its own commit to
/// asynchronous (<c>set_config('synchronous_commit', 'off', true)</c>), so that the lock is free before the disk has turned; nobody is told of
/// its outcome until this has flushed the log.
/// </summary>
internal static class LateFlush
{
    // A record of its own that commits synchronously: the log is one sequence, so everything before it is on disk with it.
    private const string Statement = "select pg_logical_emit_message(true, 'platform', '')";

    /// <summary>
    /// A batch of the statement and the flush, in one round trip. The rows of the statement can be read before the flush is done; what it
    /// did is on disk when the batch has been read to its end. Both take the same connection by design: one that was opened after
    /// a crash of the server would flush a log from which the commit is missing.
    /// </summary>
    public static NpgsqlBatch After(string statement, Action<NpgsqlParameterCollection> addParameters, NpgsqlConnection connection)
    {
        // The barrier makes each of the two a transaction of its own.
        var batch = new NpgsqlBatch(connection) { EnableErrorBarriers = true };
        var first = new NpgsqlBatchCommand(statement);
        addParameters(first.Parameters);
        batch.BatchCommands.Add(first);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Statement));
        return batch;
    }

    /// <summary>
    /// Lets go of what was sent. To be called when the batch has been read: a connection that is kept remembers its last command, and with it the
    /// bodies of requests, until it is used again.
    /// </summary>
    public static void Forget(NpgsqlBatch batch) => batch.BatchCommands[0].Parameters.Clear();
}
