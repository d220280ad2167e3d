using System.Diagnostics;
using Npgsql;
using Platform.Bench.Floors;
using Platform.Bench.Load;
using Platform.Bench.Media;
using Platform.Bench.Measures;
using Platform.Bench.Money;
using Platform.Bench.Operations;
using Platform.Bench.Pools;
using Platform.Bench.Report;
using Platform.Bench.Soak;
using Platform.Bench.Stage;
using Platform.Bench.Webhooks;

namespace Platform.Bench;

/// <summary>One run: measures what the options ask for, part after part, and fills in the figures.</summary>
internal sealed class BenchRun(BenchOptions options, Figures figures, TextWriter progress)
{
    private const int IdleSockets = 1000;
    private readonly BenchTimes times = options.IsQuick ? BenchTimes.Quick : BenchTimes.Full;
    private bool isWarm;

    /// <summary>What needs no server: done before any is started, so that none takes part of the core.</summary>
    public void MeasureAlone()
    {
        if (options.Parts.Contains(BenchPart.Validation))
        {
            progress.WriteLine("validation: parse, check, defaults ...");
            figures.Validation = ValidationTime.Measure(times.ValidationWarmUp, times.Validation);
        }
    }

    public async Task GoAsync(BenchStage stage, CancellationToken cancellation)
    {
        if (options.Parts.Contains(BenchPart.Floors))
        {
            progress.WriteLine("floors: durable inserts ...");
            var inserts = await InsertFloor.MeasureAsync(stage.Postgres.ConnectionString, stage.Postgres.Pid, times.Floors, cancellation);
            progress.WriteLine("floors: publish, confirm, consume ...");
            var messages = await BrokerFloor.MeasureAsync(stage.Rabbit.Address, times.Floors, cancellation);
            progress.WriteLine($"floors: lone steps, {times.Steps.PerSecond} /s ...");
            figures.Floors = new Report.Floors(inserts.PerSecond, messages)
            {
                InsertCpu = inserts.Cpu,
                InsertStep = Median(await StepFloors.MeasureInsertAsync(stage.Postgres.ConnectionString, times.Steps, cancellation)),
                MessageStep = Median(await StepFloors.MeasureMessageAsync(stage.Rabbit.Address, times.Steps, cancellation)),
            };
        }

        await MeasureOperationsAsync(stage, cancellation);
        if (options.Parts.Contains(BenchPart.Pools))
        {
            progress.WriteLine("pools: starting a platform of their own ...");
            figures.Pools = await new PoolsMeasure(stage, times, step => progress.WriteLine($"pools: {step}")).MeasureAsync(cancellation);
            foreach (var fault in figures.Pools.Faults)
            {
                figures.Faults.Add($"pools: {fault}");
            }
        }

        if (options.Parts.Contains(BenchPart.Soak))
        {
            progress.WriteLine("soak: tasks in trouble, and the books afterwards ...");
            figures.Soak = await SoakMeasure.MeasureAsync(stage.Postgres.ConnectionString, options.IsQuick, cancellation);
            if (figures.Soak.Differences + figures.Soak.FailedChecks > 0)
            {
                figures.Faults.Add($"the books of the soak differ: {figures.Soak.Found}");
            }
        }

        if (options.NeedsPlatform)
        {
            progress.WriteLine("starting api, worker and scheduler ...");
            var nodes = await stage.StartPlatformAsync(cancellation);
            await using var database = NpgsqlDataSource.Create(stage.Postgres.ConnectionString);
            await MeasurePlatformAsync(stage.Groups(nodes), nodes, database, cancellation);
            await MeasureWebhooksAsync(nodes, database, cancellation);
            await MeasureMediaAsync(stage.Groups(nodes), nodes, cancellation);
            await MeasureMoneyAsync(stage, nodes, database, cancellation);
            figures.Memory = stage.Groups(nodes).ReadMemory();
            await AccountAsync(database, cancellation);
            await MeasureCostsAsync(nodes, database, cancellation);
        }
    }

    private async Task MeasureOperationsAsync(BenchStage stage, CancellationToken cancellation)
    {
        if (options.Parts.Contains(BenchPart.Telemetry))
        {
            progress.WriteLine("telemetry: two installations in turn ...");
            figures.Telemetry = await new TelemetryMeasure(stage, options.IsQuick).MeasureAsync(cancellation);
        }

        if (options.Parts.Contains(BenchPart.Rolling))
        {
            progress.WriteLine("rolling: restarting every process under load ...");
            figures.Rolling = await new RollingMeasure(stage, progress).MeasureAsync(cancellation);
            foreach (var fault in figures.Rolling.Faults)
            {
                figures.Faults.Add(fault);
            }
        }
    }

    private async Task MeasurePlatformAsync(
        ProcessGroups groups, PlatformNodes nodes, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var sync = TaskRequest.Render(nodes.Api.ToString(), nodes.Key, isAsync: false);
        if (options.Parts.Contains(BenchPart.Sync))
        {
            foreach (var connections in options.Connections)
            {
                await (options.CountsStatements ? StatementTimes.BeginAsync(database, cancellation) : Task.CompletedTask);
                await MeasureSyncAsync(new LoadPlan(nodes.Api, sync, connections), groups, nodes, cancellation);
                await (options.CountsStatements ? StatementTimes.PrintAsync(database, progress, cancellation) : Task.CompletedTask);
            }
        }

        if (options.Parts.Contains(BenchPart.Latency))
        {
            await MeasureLatencyAsync(new LoadPlan(nodes.Api, sync, 64) { PerSecond = 50 }, nodes, cancellation);
        }

        if (options.Parts.Contains(BenchPart.Async))
        {
            var template = TaskRequest.Render(nodes.Api.ToString(), nodes.Key, isAsync: true);
            await MeasureAsyncAsync(new LoadPlan(nodes.Api, template, 32) { Count = times.AsyncTasks }, nodes, database, cancellation);
        }

        if (options.Parts.Contains(BenchPart.Sockets))
        {
            await MeasureSocketsAsync(nodes, cancellation);
        }
    }

    private async Task MeasureSocketsAsync(PlatformNodes nodes, CancellationToken cancellation)
    {
        progress.WriteLine($"sockets: {IdleSockets} idle ...");
        var api = nodes.Processes.Single(static node => node.Name == "api").Pid;
        figures.Sockets = await SocketMeasure.MeasureAsync(nodes, api, IdleSockets, cancellation);
        nodes.ThrowIfOneIsGone();
    }

    private async Task MeasureSyncAsync(LoadPlan plan, ProcessGroups groups, PlatformNodes nodes, CancellationToken cancellation)
    {
        progress.WriteLine($"sync: {plan.Connections} connections ...");
        var cpuBefore = groups.ReadCpu();
        var timed = plan with { WarmUp = WarmUp(times.SyncWarmUp), Window = times.SyncWindow, Windows = 3 };
        var result = await LoadAsync(timed, nodes, cancellation);
        var median = result.PerWindow.Order().ElementAt(result.PerWindow.Length / 2);
        figures.Sync[plan.Connections] =
            new SyncFigure(median / times.SyncWindow.TotalSeconds, Milliseconds(result, 50), Milliseconds(result, 99));
        progress.WriteLine($"      {figures.Sync[plan.Connections].PerSecond:N0} /s");

        var used = groups.ReadCpu().ToDictionary(group => group.Key, group => group.Value - cpuBefore[group.Key], StringComparer.Ordinal);
        used["client"] = result.ClientCpu;
        figures.CpuPerTask = used.ToDictionary(
            group => group.Key, group => group.Value.TotalMicroseconds / Math.Max(1, result.Answered), StringComparer.Ordinal);
    }

    private async Task MeasureLatencyAsync(LoadPlan plan, PlatformNodes nodes, CancellationToken cancellation)
    {
        progress.WriteLine($"latency: {plan.PerSecond} requests/s ...");
        var result = await LoadAsync(plan with { WarmUp = WarmUp(times.LatencyWarmUp), Window = times.LatencyWindow }, nodes, cancellation);
        figures.Latency = new LatencyFigure(
            plan.PerSecond ?? 0, Milliseconds(result, 50), Milliseconds(result, 95), Milliseconds(result, 99))
        {
            RequestStep = Median(await StepFloors.MeasureRequestAsync(nodes.Api, times.Steps, cancellation)),
        };
    }

    private static double Median(Latencies latencies) => latencies.Percentile(50).TotalMilliseconds;

    private async Task MeasureAsyncAsync(LoadPlan plan, PlatformNodes nodes, NpgsqlDataSource database, CancellationToken cancellation)
    {
        progress.WriteLine($"async: {plan.Count} tasks ...");
        var start = Stopwatch.GetTimestamp();
        var result = await LoadAsync(plan, nodes, cancellation);
        await DrainAsync(database, cancellation);
        var drained = Stopwatch.GetElapsedTime(start);
        figures.Async = new AsyncFigure((int)result.Answered, result.Answered / result.Elapsed.TotalSeconds, drained.TotalSeconds);
    }

    private async Task MeasureMediaAsync(ProcessGroups groups, PlatformNodes nodes, CancellationToken cancellation)
    {
        if (options.Parts.Contains(BenchPart.Media))
        {
            progress.WriteLine("media: downloads of 200 kB ...");
            figures.Media = await new MediaMeasure(nodes, times.MediaWarmUp, times.MediaWindow).MeasureAsync(
                () => groups.ReadMemory().Single(static memory => memory.Name == "api").ShareMegabytes, cancellation);
            nodes.ThrowIfOneIsGone();
        }
    }

    private async Task MeasureMoneyAsync(BenchStage stage, PlatformNodes nodes, NpgsqlDataSource database, CancellationToken cancellation)
    {
        if (options.Parts.Contains(BenchPart.Money))
        {
            progress.WriteLine("money: a tenant that pays and one that does not, in turns ...");
            (figures.Money, var loads) = await new MoneyMeasure(nodes, stage.Postgres.ConnectionString, options.IsQuick).MeasureAsync(cancellation);
            figures.Answered += loads.Sum(static load => load.Answered);
            figures.Failed += loads.Sum(static load => load.Failed);
            await MoneyMeasure.CheckAsync(database, cancellation);
        }
    }

    // After the accounting, since its rows were never sent.
    private async Task MeasureCostsAsync(PlatformNodes nodes, NpgsqlDataSource database, CancellationToken cancellation)
    {
        if (options.Parts.Contains(BenchPart.Costs))
        {
            progress.WriteLine("costs: exports of many rows ...");
            figures.Costs = await new CostsMeasure(nodes, database, options.IsQuick ? 100_000 : 1_000_000).MeasureAsync(cancellation);
        }
    }

    private async Task MeasureWebhooksAsync(PlatformNodes nodes, NpgsqlDataSource database, CancellationToken cancellation)
    {
        if (options.Parts.Contains(BenchPart.Webhooks))
        {
            progress.WriteLine("webhooks: 100 receivers, of which 10 hang and 10 fail ...");
            figures.Webhooks = await new WebhookMeasure(database, options.IsQuick).MeasureAsync(cancellation);
            nodes.ThrowIfOneIsGone();
            if (figures.Webhooks.Missing > 0)
            {
                figures.Faults.Add($"{figures.Webhooks.Missing} webhooks did not arrive at receivers that answer");
            }
        }
    }

    private async Task<LoadResult> LoadAsync(LoadPlan plan, PlatformNodes nodes, CancellationToken cancellation)
    {
        var result = await LoadRun.RunAsync(plan, cancellation);
        nodes.ThrowIfOneIsGone();
        if (result.Answered == 0)
        {
            throw new BenchException($"no task succeeded at {plan.Connections} connections: {string.Join("; ", result.Faults)}");
        }

        figures.Answered += result.Answered;
        figures.Failed += result.Failed;
        foreach (var fault in result.Faults)
        {
            figures.Faults.Add($"{plan.Connections} connections: {fault}");
        }

        return result;
    }

    private async Task DrainAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        while (await Accounting.CountOpenAsync(database, cancellation) is > 0 and var open)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(60))
            {
                figures.Faults.Add($"{open} tasks were still open 60 s after the last was sent");
                return;
            }

            await Task.Delay(25, cancellation);
        }
    }

    private async Task AccountAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        progress.WriteLine("accounting ...");
        await DrainAsync(database, cancellation);
        figures.Accounted = await Accounting.CountAsync(database, cancellation);
        foreach (var fault in figures.Accounted.FindFaults(figures.Answered, figures.Failed))
        {
            figures.Faults.Add(fault);
        }
    }

    private TimeSpan WarmUp(TimeSpan usual)
    {
        var warmUp = isWarm ? usual : times.FirstWarmUp;
        isWarm = true;
        return warmUp;
    }

    private static double Milliseconds(LoadResult result, double percent) => result.Latencies.Percentile(percent).TotalMilliseconds;
}
