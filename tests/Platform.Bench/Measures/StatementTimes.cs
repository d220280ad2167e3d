using Npgsql;

namespace Platform.Bench.Measures;

/// <summary>Where PostgreSQL spends its time: each statement's calls, rows and milliseconds, by its extension pg_stat_statements.</summary>
internal static class StatementTimes
{
    private const int Shown = 16;

    /// <summary>What the server has to be started with.</summary>
    public static IReadOnlyList<string> Settings { get; } = ["shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_utility=on"];

    /// <summary>Forgets what was counted so far.</summary>
    public static async Task BeginAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var create = database.CreateCommand("create extension if not exists pg_stat_statements");
        await create.ExecuteNonQueryAsync(cancellation);
        await using var reset = database.CreateCommand("select pg_stat_statements_reset()");
        await reset.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Prints the statements that took the most time, the most first.</summary>
    public static async Task PrintAsync(NpgsqlDataSource database, TextWriter output, CancellationToken cancellation)
    {
        // The first line of words that is no comment names a statement well enough.
        await using var command = database.CreateCommand(
            """
            select calls, rows, total_exec_time, mean_exec_time,
                   left(regexp_replace(regexp_replace(query, '--[^\n]*\n', '', 'g'), '\s+', ' ', 'g'), 100)
              from pg_stat_statements order by total_exec_time desc limit $1
            """);
        command.Parameters.AddWithValue(Shown);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        output.WriteLine("      calls       rows   total ms    mean ms  statement");
        while (await reader.ReadAsync(cancellation))
        {
            output.WriteLine(
                $"{reader.GetInt64(0),11:N0}{reader.GetInt64(1),11:N0}{reader.GetDouble(2),11:N0}{reader.GetDouble(3),11:N2}  {reader.GetString(4)}");
        }
    }
}
