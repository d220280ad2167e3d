using System.Diagnostics;
using Npgsql;
using Platform.Bench.Measures;
using Platform.Bench.Report;
using Platform.Bench.Stage;

namespace Platform.Bench.Operations;

/// <summary>
/// Two apis behind a balancer, two workers and two schedulers under a steady load: each process is told to stop and started again, one after the
/// other. Behind that a worker is killed for good while it holds tasks.
/// </summary>
internal sealed class RollingMeasure(BenchStage stage, TextWriter progress)
{
    private const double PerSecond = 200;
    private const double LeaseSeconds = 6;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);

    // As minReadySeconds in the manifests.
    private static readonly TimeSpan UntilNext = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, Child> _running = new(StringComparer.Ordinal);

    public async Task<RollingFigure> MeasureAsync(CancellationToken cancellation)
    {
        var start = await stage.PrepareAsync("rolling", Settings(), cancellation);
        var ports = Loopback.FindFreePorts(2);
        Uri[] apis = [new($"http://127.0.0.1:{ports[0]}"), new($"http://127.0.0.1:{ports[1]}")];
        var key = await PlatformNodes.PrepareAsync(start, cancellation);
        await using var database = NpgsqlDataSource.Create(start.Settings["PLATFORM_DATABASE__CONNECTIONSTRING"]);
        var roles = RolesOf(apis);
        try
        {
            await Task.WhenAll(roles.Select(role => StartAsync(start, role, cancellation)));
            await using var balancer = new Balancer(apis);
            await UntilAsync(() => apis.All(balancer.IsReady), cancellation);
            using var load = new SteadyLoad(balancer.Address, key, PerSecond);
            var restarts = await RestartAllAsync(start, roles, () => apis.All(balancer.IsReady), load, cancellation);
            var (first, last) = (TimeSpan.FromSeconds(restarts[0].Began), TimeSpan.FromSeconds(restarts[^1].Ready));
            await WaitUntilSettledAsync(database, cancellation);
            var accounted = await Accounting.CountAsync(database, cancellation);
            var afterLease = await KillAsync(start, database, apis[0], key, cancellation);
            return new RollingFigure
            {
                PerSecond = PerSecond,
                Restarts = restarts,
                Answered = load.Answered,
                Failed = load.Failed,
                P99 = load.Between(first, last).P99,
                Seconds = (last - first).TotalSeconds,
                AfterLease = afterLease,
                Faults = [.. accounted.FindFaults(load.Answered, load.Failed), .. load.Faults],
            };
        }
        finally
        {
            await Task.WhenAll(_running.Values.Select(static child => child.DisposeAsync().AsTask()));
        }
    }

    private static Dictionary<string, string> Settings() => new(StringComparer.Ordinal)
    {
        // As the manifests have it: longer than this balancer takes to notice on a busy machine.
        ["PLATFORM_API__DRAINDELAYSECONDS"] = "10",
        ["PLATFORM_TASKS__LEASESECONDS"] = $"{LeaseSeconds}",
        ["PLATFORM_WORKER__SLOTS"] = "16",
    };

    private static List<(string Name, string[] Verb)> RolesOf(Uri[] apis) =>
    [
        ("api-1", ServerCommands.ServeApi(apis[0])), ("api-2", ServerCommands.ServeApi(apis[1])), ("worker-1", ServerCommands.ServeWorker()),
        ("worker-2", ServerCommands.ServeWorker()), ("scheduler-1", ServerCommands.ServeScheduler()), ("scheduler-2", ServerCommands.ServeScheduler()),
    ];

    private async Task<List<RestartFigure>> RestartAllAsync(
        NodeStart start, List<(string Name, string[] Verb)> roles, Func<bool> areReady, SteadyLoad load, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sending = load.RunAsync(stop.Token);
        // What is restarted is a platform that serves: its processes, and this one, have compiled what they run.
        progress.WriteLine($"      serving for {WarmUp.TotalSeconds:0} s first ...");
        await Task.Delay(WarmUp, cancellation);
        var steps = new List<(string Name, TimeSpan Began, TimeSpan Ended, TimeSpan Ready)>();
        foreach (var role in roles)
        {
            progress.WriteLine($"      {role.Name}");
            var began = load.Now;
            await StopAsync(role.Name);
            var ended = load.Now;
            await StartAsync(start, role, cancellation);
            await UntilAsync(areReady, cancellation);
            var ready = load.Now;
            await Task.Delay(UntilNext, cancellation);
            steps.Add((role.Name, began, ended, ready));
        }

        await stop.CancelAsync();
        await sending;
        return steps.ConvertAll(step =>
        {
            var (p50, p99, worst) = load.Between(step.Began, step.Ready + UntilNext);
            return new RestartFigure(
                step.Name, step.Began.TotalSeconds, step.Ended.TotalSeconds, step.Ready.TotalSeconds, p50, p99, worst);
        });
    }

    private async Task StartAsync(NodeStart start, (string Name, string[] Verb) role, CancellationToken cancellation)
    {
        // Its earlier life said that it was ready too.
        File.Delete(Path.Combine(start.Folder, role.Name + ".log"));
        var child = Child.Start(new ChildStart(role.Name, "dotnet", [start.Server, .. role.Verb]) { Environment = start.Settings }, start.Folder);
        _running[role.Name] = child;
        await child.WaitUntilAsync(_ => Task.FromResult(child.HasPrinted(ServerCommands.ReadyLine)), Patience, cancellation);
    }

    private async Task StopAsync(string name)
    {
        if (_running.Remove(name, out var child))
        {
            await child.DisposeAsync();
        }
    }

    // The only worker left takes tasks and stands still with them; then it is killed, and another one comes.
    private async Task<double> KillAsync(NodeStart start, NpgsqlDataSource database, Uri api, string key, CancellationToken cancellation)
    {
        progress.WriteLine("      a worker is killed for good ...");
        await StopAsync("worker-1");
        await StopAsync("worker-2");
        var settings = new Dictionary<string, string>(start.Settings, StringComparer.Ordinal) { ["PLATFORM_TEST_STOPAT"] = "spoken" };
        await StartAsync(start with { Settings = settings }, ("victim", ServerCommands.ServeWorker()), cancellation);
        using var load = new SteadyLoad(api, key, 10);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sending = load.RunAsync(stop.Token);
        await _running["victim"].WaitUntilAsync(token => IsHoldingAsync(database, token), Patience, cancellation);
        await stop.CancelAsync();
        await StartAsync(start, ("worker-1", ServerCommands.ServeWorker()), cancellation);
        await _running["victim"].KillAsync();
        var killed = Stopwatch.GetTimestamp();
        await WaitUntilSettledAsync(database, cancellation);
        var elapsed = Stopwatch.GetElapsedTime(killed).TotalSeconds;
        await sending;
        return Math.Max(0, elapsed - LeaseSeconds);
    }

    private static async Task<bool> IsHoldingAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select count(*) from open_tasks where lease_token is not null");
        return (long)(await command.ExecuteScalarAsync(cancellation))! >= 10;
    }

    private static async Task WaitUntilSettledAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (await Accounting.CountOpenAsync(database, cancellation) > 0 && Stopwatch.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(25, cancellation);
        }
    }

    private static async Task UntilAsync(Func<bool> isSo, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new BenchException("The balancer did not find every api ready.");
            }

            await Task.Delay(50, cancellation);
        }
    }
}
