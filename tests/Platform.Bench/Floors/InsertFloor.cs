using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Platform.Bench.Measures;

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

    /// <summary>Rows per second at each number of connections, and the CPU that one of them takes of the server and of this client.</summary>
    public static async Task<InsertRates> MeasureAsync(
        string connectionString, int server, FloorTimes times, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var create = source.CreateCommand(CreateTable))
        {
            await create.ExecuteNonQueryAsync(cancellation);
        }

        var (rates, cpu) = (new SortedDictionary<int, double>(), double.MaxValue);
        foreach (var connections in times.Connections)
        {
            var (before, clientBefore) = (CpuOf(server), Environment.CpuUsage.TotalTime);
            var (inWindow, all) = await InsertAsync(source, connections, times, cancellation);
            var used = CpuOf(server) - before + Environment.CpuUsage.TotalTime - clientBefore;
            rates[connections] = inWindow / times.Window.TotalSeconds;
            cpu = Math.Min(cpu, used.TotalMicroseconds / Math.Max(1, all));
        }

        await using var drop = source.CreateCommand("drop table insert_floor");
        await drop.ExecuteNonQueryAsync(cancellation);
        return new InsertRates(rates, cpu);
    }

    private static TimeSpan CpuOf(int server) =>
        ProcStat.FindTree(ProcStat.ReadAll(), server).Sum(static process => process.CpuTicks) * ProcStat.Tick;

    private static async Task<(long InWindow, long All)> InsertAsync(
        NpgsqlDataSource source, int connections, FloorTimes times, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections)
            .Select(_ => InsertInLoopAsync(source, start, times, cancellation)));
        return (counts.Sum(static one => one.InWindow), counts.Sum(static one => one.All));
    }

    private static async Task<(long InWindow, long All)> InsertInLoopAsync(
        NpgsqlDataSource source, long start, FloorTimes times, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var insert = new NpgsqlCommand("insert into insert_floor (note) values ($1)", connection);
        insert.Parameters.Add(new NpgsqlParameter { Value = "one row, one commit", NpgsqlDbType = NpgsqlDbType.Text });
        await insert.PrepareAsync(cancellation);
        var (rows, all) = (0L, 0L);
        var elapsed = Stopwatch.GetElapsedTime(start);
        while (elapsed < times.WarmUp + times.Window)
        {
            await insert.ExecuteNonQueryAsync(cancellation);
            elapsed = Stopwatch.GetElapsedTime(start);
            all++;
            rows += elapsed >= times.WarmUp && elapsed < times.WarmUp + times.Window ? 1 : 0;
        }

        return (rows, all);
    }
}

/// <param name="PerSecond">By the number of connections.</param>
/// <param name="Cpu">Microseconds of one row where it takes the least.</param>
internal sealed record InsertRates(IReadOnlyDictionary<int, double> PerSecond, double Cpu);

/// <summary>How long the floors are measured, and at which numbers of connections.</summary>
internal sealed record FloorTimes(TimeSpan WarmUp, TimeSpan Window)
{
    public IReadOnlyList<int> Connections { get; init; } = [1, 16, 64];
}
