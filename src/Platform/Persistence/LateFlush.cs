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
    /// Returns when all that this connection committed is on disk. It has to be the very same connection: one that was opened after a
    /// crash of the server would flush a log from which the commit is missing.
    /// </summary>
    public static async Task WaitAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Statement, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
