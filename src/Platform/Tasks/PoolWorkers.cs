using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Platform.Engines;

namespace Platform.Tasks;

/// <summary>The pools that this process serves.</summary>
internal sealed class PoolWorkers : IDisposable
{
    private readonly FrozenDictionary<string, PoolWorker> _workers;

    public PoolWorkers(
        ServedPools pools, IOptions<WorkerOptions> options, EnginePools engines, Func<string, PoolLimits, PoolWorker> create)
    {
        var worker = options.Value;
        var limits = new PoolLimits(
            worker.Slots > 0 ? worker.Slots : Environment.ProcessorCount,
            TimeSpan.FromSeconds(worker.IdleLookSeconds),
            TimeSpan.FromSeconds(worker.DrainSeconds));
        _workers = pools.Names.ToFrozenDictionary(
            pool => pool, pool => create(pool, limits with { Room = () => engines.RoomOf(pool) }), StringComparer.Ordinal);
    }

    public IEnumerable<string> Pools => _workers.Keys;

    /// <summary>How much of each pool's room is taken at this moment.</summary>
    public IReadOnlyList<PoolSlots> Read() => [.. _workers.Values.Select(static worker => worker.Slots)];

    public PoolWorker? Find(string pool) => _workers.GetValueOrDefault(pool);

    /// <summary>Serves all of them until told to stop, and returns when what ran is finished or handed back.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(_workers.Values.Select(worker => worker.RunAsync(stopping)));

    public void Dispose()
    {
        foreach (var worker in _workers.Values)
        {
            worker.Dispose();
        }
    }
}
