using System.Diagnostics.Metrics;
using Platform.Delivery.Webhooks;
using Platform.Hosting.Nodes;
using Platform.Ledger;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Telemetry;

namespace Platform.Hosting;

/// <summary>
/// What stands in the database, counted every few seconds by each scheduler: what waits, what is dead, what is held, who works. With several
/// schedulers each shows the same figures, so that a query takes their maximum.
/// </summary>
internal sealed class StandingGauges : IDisposable
{
    private readonly Meter _meter = Meters.OfHost();
    private readonly ReadQueue _queue;
    private readonly ReadBacklog _backlog;
    private readonly ReadHoldings _holdings;
    private readonly ReadNodes _nodes;
    private volatile Standing? _last;

    public StandingGauges(ReadQueue queue, ReadBacklog backlog, ReadHoldings holdings, ReadNodes nodes)
    {
        (_queue, _backlog, _holdings, _nodes) = (queue, backlog, holdings, nodes);
        OfPools("platform.pool.waiting", "{task}", "Tasks that are accepted and not claimed.", static pool => pool.Depth.Waiting);
        OfPools("platform.pool.running", "{task}", "Tasks under a lease.", static pool => pool.Depth.Running);
        OfPools(
            "platform.pool.oldest_waiting", "s", "How long the oldest task that could be claimed has waited.",
            static pool => pool.Depth.Oldest.TotalSeconds);
        OfPools("platform.pool.workers", "{node}", "Live worker processes that serve the pool.", static pool => pool.Workers);
        OfAll("platform.webhook.due", "{webhook}", "Webhooks to be sent now, up to 100,000.", static now => now.Webhooks.Due);
        OfAll("platform.webhook.waiting", "{webhook}", "Webhooks that wait for their next attempt.", static now => now.Webhooks.Waiting);
        OfAll("platform.webhook.dead", "{webhook}", "Webhooks that were given up and not replayed.", static now => now.Webhooks.Dead);
        OfAll(
            "platform.webhook.oldest_due", "s", "How late the oldest due webhook is.", static now => now.Webhooks.Oldest.TotalSeconds);
        OfAll(
            "platform.webhook.oldest_unattended", "s", "How late the oldest due webhook is among receivers to which none is under way.",
            static now => now.Webhooks.OldestUnattended.TotalSeconds);
        OfAll("platform.money.balance", "{microUSD}", "Sum of all balances, in micro-USD.", static now => now.Money.Balance);
        OfAll("platform.money.held", "{microUSD}", "Sum of all holds, in micro-USD.", static now => now.Money.Held);
        OfAll(
            "platform.money.difference", "{microUSD}", "Holds of accounts against holds of open tasks; anything but 0 is a fault.",
            static now => now.Money.Difference);
        OfAll(
            "platform.nodes.clock_spread", "s", "Between the fastest and the slowest clock of all live nodes and the database.",
            static now => now.ClockSpread);
        _meter.CreateObservableGauge(
            "platform.nodes",
            () => _last is { } now
                ? now.Roles.Select(static role => new Measurement<long>(role.Value, new KeyValuePair<string, object?>("role", role.Key)))
                : [],
            "{node}", "Live processes with a role.");
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            var nodes = (await _nodes.RunAsync(cancellation)).Where(static node => node.IsAlive).ToList();
            var pools = (await _queue.RunAsync(cancellation)).Select(depth => new StandingPool(
                depth, nodes.Count(node => node.Pools.Any(pool => pool.Pool == depth.Pool))));
            _last = new Standing(
                [.. pools], await _backlog.RunAsync(cancellation), await _holdings.RunAsync(cancellation), CountRoles(nodes), Spread(nodes));
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            // A figure from before the outage would look like good news.
            _last = null;
            throw;
        }
    }

    public void Dispose() => _meter.Dispose();

    private static Dictionary<string, long> CountRoles(List<NodeView> nodes) => Enum.GetValues<Roles>()
        .Where(static role => role is Roles.Api or Roles.Worker or Roles.Scheduler)
        .ToDictionary(
            static role => role.ToString().ToLowerInvariant(), role => (long)nodes.Count(node => node.Has(role)), StringComparer.Ordinal);

    // The database's own is one of them, which the others are measured against: webhooks bear its time.
    private static double Spread(List<NodeView> nodes)
    {
        var clocks = nodes.Select(static node => node.ClockOffset).Append(TimeSpan.Zero).ToList();
        return (clocks.Max() - clocks.Min()).TotalSeconds;
    }

    private void OfPools(string name, string unit, string description, Func<StandingPool, double> value) => _meter.CreateObservableGauge(
        name,
        () => _last is { } now
            ? now.Pools.Select(pool => new Measurement<double>(value(pool), new KeyValuePair<string, object?>("pool", pool.Depth.Pool)))
            : [],
        unit, description);

    private void OfAll(string name, string unit, string description, Func<Standing, double> value) => _meter.CreateObservableGauge(
        name, () => _last is { } now ? (IEnumerable<Measurement<double>>)[new Measurement<double>(value(now))] : [], unit, description);

    private sealed record StandingPool(PoolDepth Depth, int Workers);

    private sealed record Standing(
        IReadOnlyList<StandingPool> Pools, WebhookBacklog Webhooks, Holdings Money, Dictionary<string, long> Roles, double ClockSpread);
}
