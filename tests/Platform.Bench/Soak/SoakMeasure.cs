using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Persistence;

namespace Platform.Bench.Soak;

/// <summary>The full soak, in a database of its own on the bench's server, which is crashed now and then.</summary>
internal static class SoakMeasure
{
    private const int Seed = 20261128;
    private const int Tasks = 100_000;
    private const int QuickTasks = 5_000;

    public static async Task<SoakFigures> MeasureAsync(string server, bool isQuick, CancellationToken cancellation)
    {
        await using (var source = NpgsqlDataSource.Create(server))
        {
            await using var create = source.CreateCommand("create database soak");
            await create.ExecuteNonQueryAsync(cancellation);
        }

        // Without a pool: after a crash the connections of one would fail one after the other.
        var builder = new NpgsqlConnectionStringBuilder(server) { Database = "soak" };
        await using (var database = new Database(builder.ConnectionString, maxConnections: 2))
        {
            await MigrateDatabase.ApplyAsync(database.Durable, NullLogger.Instance, cancellation);
        }

        builder.Pooling = false;
        var plan = new SoakPlan(Seed, isQuick ? QuickTasks : Tasks)
        {
            Actors = 24,
            Disaster = token => CrashAsync(builder.ConnectionString, token),
            TasksPerDisaster = isQuick ? 2_000 : 20_000,
        };
        return await SoakRun.RunAsync(new NpgsqlConnectionStringBuilder(builder.ConnectionString) { Pooling = true }.ConnectionString, plan, cancellation);
    }

    // A server process that is killed takes the whole server down: it recovers from its log, without what was not flushed to it.
    private static async Task CrashAsync(string connectionString, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        using var backend = Process.GetProcessById((int)(await command.ExecuteScalarAsync(cancellation))!);
        backend.Kill();
    }
}
