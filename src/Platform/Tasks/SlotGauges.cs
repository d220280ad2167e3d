using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Tasks;

/// <summary>How much of this process's room for tasks is taken, pool by pool.</summary>
internal sealed class SlotGauges : IDisposable
{
    private readonly Meter _meter = Meters.OfHost();

    public SlotGauges(PoolWorkers workers)
    {
        _meter.CreateObservableGauge(
            "platform.pool.slots", () => workers.Read().Select(static pool => Of(pool, pool.Slots)), "{slot}",
            "Tasks of a pool that this worker runs at the same time.");
        _meter.CreateObservableGauge(
            "platform.pool.slots.busy", () => workers.Read().Select(static pool => Of(pool, pool.Busy)), "{slot}",
            "Those of them that are taken.");
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Of(PoolSlots pool, long value) => new(value, new KeyValuePair<string, object?>("pool", pool.Pool));
}
