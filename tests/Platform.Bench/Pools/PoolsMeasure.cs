using System.Diagnostics;
using Npgsql;
using Platform.Bench.Load;
using Platform.Bench.Measures;
using Platform.Bench.Report;
using Platform.Bench.Speech;
using Platform.Bench.Stage;

namespace Platform.Bench.Pools;

/// <summary>
/// A pool of 32 slots before a speech server that takes 200 ms for everything: how many of its slots the server sees busy, what a second worker
/// adds, and what an outage of the server does to the tasks. Before two workers the server takes 400 ms, so that the two cores encode no more.
/// </summary>
internal sealed class PoolsMeasure(BenchStage stage, BenchTimes times, Action<string> progress)
{
    private const int Slots = 32;
    // A quarter more is claimed ahead, as docs/gpu.md advises.
    private const int WorkerSlots = 40;
    private const int AsyncConnections = 16;
    private static readonly TimeSpan Call = TimeSpan.FromMilliseconds(200);
    // Short, because what is measured are the slots and not how much two cores can encode.
    private static readonly TimeSpan Sound = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly string url = $"http://127.0.0.1:{Loopback.FindFreePorts(1)[0]}";

    public async Task<PoolsFigure> MeasureAsync(CancellationToken cancellation)
    {
        var server = await StartServerAsync(Call);
        await using var nodes = await stage.StartPoolsPlatformAsync(Settings(), cancellation);
        await using var database = NpgsqlDataSource.Create(stage.PoolsConnectionString);
        var template = TaskRequest.Render(nodes.Api.ToString(), nodes.Key, isAsync: true);
        var plan = new LoadPlan(nodes.Api, template, AsyncConnections);

        progress($"{Slots} slots ...");
        var one = await BusyAsync(server, database, (plan with { Count = CountFor(Slots) }, Slots), cancellation);
        progress($"{2 * Slots} slots on two workers ...");
        await server.DisposeAsync();
        server = await StartServerAsync(2 * Call);
        await nodes.AddWorkerAsync("worker-2", cancellation);
        var two = await BusyAsync(server, database, (plan with { Count = CountFor(Slots) }, 2 * Slots), cancellation);
        await DrainAsync(database, cancellation);

        progress($"the server is away for {times.Outage.TotalSeconds:0} s ...");
        var before = await CountAsync(database, "select count(*) from tasks where state = 'succeeded'", cancellation);
        var load = LoadRun.RunAsync(plan with { Connections = 4, PerSecond = 20, Window = times.Outage + TimeSpan.FromSeconds(3) }, cancellation);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        await server.DisposeAsync();
        await Task.Delay(times.Outage, cancellation);
        var atReturn = await CountAsync(database, "select count(*) from tasks where state = 'succeeded'", cancellation);
        server = await StartServerAsync(Call);
        var back = Stopwatch.GetTimestamp();
        while (await CountAsync(database, "select count(*) from tasks where state = 'succeeded'", cancellation) == atReturn
            && Stopwatch.GetElapsedTime(back) < TimeSpan.FromSeconds(60))
        {
            await Task.Delay(Look, cancellation);
        }

        var first = Stopwatch.GetElapsedTime(back);
        var sent = await load;
        await DrainAsync(database, cancellation);
        var drained = Stopwatch.GetElapsedTime(back);
        var accounted = await Accounting.CountAsync(database, cancellation);
        await server.DisposeAsync();
        return new PoolsFigure
        {
            CallShare = one.CallShare,
            PerSecond = one.PerSecond,
            HeldPerSlot = one.Held,
            CallShareOfTwo = two.CallShare,
            PerSecondOfTwo = two.PerSecond,
            HeldPerSlotOfTwo = two.Held,
            OutageSeconds = times.Outage.TotalSeconds,
            WaitingAtReturn = (int)(sent.Answered - (atReturn - before)),
            FirstSuccessSeconds = first.TotalSeconds,
            DrainSeconds = drained.TotalSeconds,
            MostAttempts = (int)await CountAsync(database, "select max(attempt)::bigint from tasks", cancellation),
            Faults = accounted.FindFaults(one.Answered + two.Answered + sent.Answered, one.Failed + two.Failed + sent.Failed),
        };
    }

    /// <summary>Work for the warm-up and the window.</summary>
    private int CountFor(int slots) => (int)(slots / Call.TotalSeconds * (times.PoolWarmUp + times.PoolWindow).TotalSeconds * 1.3);

    private Task<LoopbackServer> StartServerAsync(TimeSpan call) =>
        LoopbackServer.StartAsync("vllm-omni", ServerVoices.Tone(call, Sound), url);

    private Dictionary<string, string> Settings() => new(StringComparer.Ordinal)
    {
        ["PLATFORM_ENGINES__POOLS__qwen3_tts_customvoice"] = "gpu_a",
        ["PLATFORM_ENGINES__INSTANCES__gpu_a__KIND"] = "openai-speech",
        ["PLATFORM_ENGINES__INSTANCES__gpu_a__URL"] = url,
        ["PLATFORM_ENGINES__INSTANCES__gpu_a__CONCURRENCY"] = $"{Slots}",
        ["PLATFORM_WORKER__SLOTS"] = $"{WorkerSlots}",
    };

    /// <summary>Sends everything at once and looks, once the pool is at work, at how many calls the server has and how many tasks the workers.</summary>
    private async Task<Busy> BusyAsync(
        LoopbackServer server, NpgsqlDataSource database, (LoadPlan Plan, int Slots) load, CancellationToken cancellation)
    {
        var sending = LoadRun.RunAsync(load.Plan, cancellation);
        while (server.Answering == 0)
        {
            await Task.Delay(Look, cancellation);
        }

        await Task.Delay(times.PoolWarmUp, cancellation);
        var (calls, held, looks, start, before) = (0L, 0L, 0, Stopwatch.GetTimestamp(), server.Answered);
        while (Stopwatch.GetElapsedTime(start) < times.PoolWindow)
        {
            calls += server.Answering;
            held += await CountAsync(database, "select count(*) from open_tasks where lease_token is not null", cancellation);
            looks++;
            await Task.Delay(Look, cancellation);
        }

        var perSecond = (server.Answered - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var sent = await sending;
        while (server.Answering > 0)
        {
            await Task.Delay(Look, cancellation);
        }

        return new Busy((double)calls / looks / load.Slots, (double)held / looks / load.Slots, perSecond, sent.Answered, sent.Failed);
    }

    private static async Task DrainAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        while (await Accounting.CountOpenAsync(database, cancellation) > 0 && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(40))
        {
            await Task.Delay(50, cancellation);
        }
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string question, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(question);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private sealed record Busy(double CallShare, double Held, double PerSecond, long Answered, long Failed);
}
