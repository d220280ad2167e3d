using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger.Stripe;

/// <summary>Statements of this slice in one line each. None of them is hot.</summary>
internal static class Rows
{
    public static async Task<int> ChangeAsync(this Database database, string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var command = Command(database.Durable, sql, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<IReadOnlyList<T>> ListAsync<T>(
        this Database database, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] values) =>
        await ReadAsync(Command(database.Durable, sql, values), read, cancellation);

    /// <summary>The same for the long reads of the reconciliation, which go through whole periods.</summary>
    public static async Task<IReadOnlyList<T>> ReportAsync<T>(
        this Database database, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] values) =>
        await ReadAsync(Command(database.Reports, sql, values), read, cancellation);

    public static async Task<T?> FindAsync<T>(
        this Database database, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] values)
        where T : class =>
        await database.ListAsync(sql, read, cancellation, values) is [var first, ..] ? first : null;

    /// <summary>
    /// Runs alone among all nodes for this name. Whoever changes our books after Stripe's does it in here and looks at Stripe in here: else an older
    /// look could be written down after a newer one.
    /// </summary>
    public static async Task<T> AloneAsync<T>(this Database database, string name, Func<Task<T>> action, CancellationToken cancellation)
    {
        await using var connection = await database.Relaxed.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 4))", connection, transaction);
        command.Add(name);
        await command.ExecuteNonQueryAsync(cancellation);
        var outcome = await action();
        await transaction.CommitAsync(cancellation);
        return outcome;
    }

    public static string? Text(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static DateTimeOffset? Instant(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    public static long? Number(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static async Task<IReadOnlyList<T>> ReadAsync<T>(NpgsqlCommand asked, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = asked;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var found = new List<T>();
        while (await row.ReadAsync(cancellation))
        {
            found.Add(read(row));
        }

        return found;
    }

    private static NpgsqlCommand Command(NpgsqlDataSource source, string sql, object?[] values)
    {
        var command = source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }
}
