using Platform.Engines;
using Platform.Engines.Calls;
using Platform.Media;
using Platform.Persistence;
using Platform.Tasks;

namespace Platform.Hosting;

/// <summary>What a worker speaks with, and where it writes that down.</summary>
internal sealed record WorkerEngines(EnginePools Pools, StoreCalls Calls);

/// <summary>Runs the worker role: looks that its engines can work, then serves its pools until the process stops.</summary>
internal sealed partial class WorkerHost(
    PoolWorkers workers, LeaseKeeper leases, WorkerEngines engines, Database database, ILogger<WorkerHost> log) : BackgroundService
{
    /// <exception cref="StartupException">An engine or an encoder is missing: better no worker than one that fails every task.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (MediaFault.Find() is { } missing)
        {
            throw new StartupException(missing);
        }

        foreach (var pool in workers.Pools)
        {
            foreach (var line in engines.Pools.Of(pool).Lines)
            {
                if (await line.Engine.FindFaultAsync(cancellationToken) is { } fault)
                {
                    throw new StartupException($"Pool {pool} cannot be served by {line.Engine.Name}: {fault}");
                }
            }

            await RegisterAsync(pool, cancellationToken);
            LogServing(log, pool, string.Join(", then ", engines.Pools.Of(pool).Lines.Select(static line => line.Engine.Name)));
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Leases are renewed while tasks drain, so they end with the work and not with the stop.
        using var drained = new CancellationTokenSource();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        IEnumerable<Task> parts =
            [leases.RunAsync(drained.Token), engines.Calls.RunAsync(drained.Token), .. engines.Pools.Watch(workers.Pools, drained.Token)];
        var beside = Task.WhenAll(parts.Select(part => EndWithAsync(part, end)));
        await workers.RunAsync(end.Token);
        await drained.CancelAsync();
        await beside;
    }

    // A worker that lacks one of them would claim tasks and spoil them: it drains and ends, and its end says why.
    private static async Task EndWithAsync(Task part, CancellationTokenSource end)
    {
        try
        {
            await part;
        }
        catch (OperationCanceledException)
        {
        }
        catch
        {
            await end.CancelAsync();
            throw;
        }
    }

    private async Task RegisterAsync(string pool, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand("insert into pools (pool) values ($1) on conflict do nothing");
        command.Add(pool);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(EventId = 5101, Level = LogLevel.Information, Message = "Serving pool {Pool} with engine {Engine}")]
    private static partial void LogServing(ILogger log, string pool, string engine);
}
