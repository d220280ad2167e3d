using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace Platform.Bench.Floors;

/// <summary>What the database can do at best when each row is a durable transaction of its own: one prepared insert, autocommit.</summary>
internal static class InsertFloor
{
    private const string CreateTable =
        """
        create table insert_floor (
            id   bigint generated always as identity primary key,
            at   timestamptz not null default now(),
            note text not null)
        """;

    /// <summary>Rows per second at each number of connections.</summary>
    public static async Task<IReadOnlyDictionary<int, double>> MeasureAsync(
        string connectionString, FloorTimes times, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var create = source.CreateCommand(CreateTable))
        {
            await create.ExecuteNonQueryAsync(cancellation);
        }

        var rates = new SortedDictionary<int, double>();
        foreach (var connections in times.Connections)
        {
            rates[connections] = await InsertAsync(source, connections, times, cancellation);
        }

        await using var drop = source.CreateCommand("drop table insert_floor");
        await drop.ExecuteNonQueryAsync(cancellation);
        return rates;
    }

    private static async Task<double> InsertAsync(
        NpgsqlDataSource source, int connections, FloorTimes times, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections)
            .Select(_ => InsertInLoopAsync(source, start, times, cancellation)));
        return counts.Sum() / times.Window.TotalSeconds;
    }

    private static async Task<long> InsertInLoopAsync(NpgsqlDataSource source, long start, FloorTimes times, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var insert = new NpgsqlCommand("insert into insert_floor (note) values ($1)", connection);
        insert.Parameters.Add(new NpgsqlParameter { Value = "one row, one commit", NpgsqlDbType = NpgsqlDbType.Text });
        await insert.PrepareAsync(cancellation);
        var rows = 0L;
        var elapsed = Stopwatch.GetElapsedTime(start);
        while (elapsed < times.WarmUp + times.Window)
        {
            await insert.ExecuteNonQueryAsync(cancellation);
            elapsed = Stopwatch.GetElapsedTime(start);
            rows += elapsed >= times.WarmUp && elapsed < times.WarmUp + times.Window ? 1 : 0;
        }

        return rows;
    }
}

/// <summary>How long the floors are measured, and at which numbers of connections.</summary>
internal sealed record FloorTimes(TimeSpan WarmUp, TimeSpan Window)
{
    public IReadOnlyList<int> Connections { get; init; } = [1, 16, 64];
}
