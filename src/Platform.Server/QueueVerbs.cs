using System.CommandLine;
using System.Globalization;
using Platform.Hosting.Nodes;
using Platform.Tasks;

namespace Platform.Server;

/// <summary><c>queue</c> and <c>workers</c>: what waits and who is there to take it.</summary>
internal static class QueueVerbs
{
    private static readonly Option<bool> Json = Verb.Json();

    private static readonly Option<int> Top = new("--top")
    {
        Description = "Tenants to show for each pool, besides the one that has waited longest.",
        DefaultValueFactory = static _ => 5,
    };

    public static Command CreateQueue() => Verb.Make("queue", "What waits and runs in each pool, and whose it is.", [Top, Json], QueueAsync);

    public static Command CreateWorkers() => Verb.Make(
        "workers", "All processes of the installation: roles, slots, version, clock, last seen.", [Json], WorkersAsync);

    private static async Task QueueAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var read = services.Get<ReadQueue>();
        var pools = await read.RunAsync(cancellation);
        var tenants = await read.ReadTenantsAsync(Math.Clamp(given.GetValue(Top), 1, 1000), cancellation);
        var nodes = await services.Get<ReadNodes>().RunAsync(cancellation);
        var rows = pools.Select(pool => new
        {
            pool.Pool,
            pool.Waiting,
            pool.Running,
            OldestSeconds = Math.Round(pool.Oldest.TotalSeconds, 1),
            Workers = nodes.Count(node => node.IsAlive && node.Pools.Any(one => one.Pool == pool.Pool)),
            Slots = nodes.Where(static node => node.IsAlive).SelectMany(static node => node.Pools)
                .Where(one => one.Pool == pool.Pool).Sum(static one => one.Slots),
            Tenants = tenants.Where(one => one.Pool == pool.Pool).Select(static one => new
            {
                one.TenantId, one.Tenant, one.Waiting, one.Running, OldestSeconds = Math.Round(one.Oldest.TotalSeconds, 1),
            }),
        }).ToList();
        var table = TextTable.Render(
            ["POOL", "WAITING", "RUNNING", "OLDEST", "WORKERS", "SLOTS"],
            rows.Select(static row => new[]
            {
                row.Pool, Show(row.Waiting), Show(row.Running), TextTable.Age(TimeSpan.FromSeconds(row.OldestSeconds)), Show(row.Workers), Show(row.Slots),
            }));
        var whose = tenants.Count == 0 ? "" : "\n\n" + TextTable.Render(
            ["POOL", "TENANT", "NAME", "WAITING", "RUNNING", "OLDEST"],
            tenants.Select(static one => new[]
            {
                one.Pool, one.TenantId.ToString(), one.Tenant, Show(one.Waiting), Show(one.Running), TextTable.Age(one.Oldest),
            }));
        Verb.Answer(given.GetValue(Json), new { Items = rows }, table + whose);
    }

    private static async Task WorkersAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var nodes = await services.Get<ReadNodes>().RunAsync(cancellation);
        Verb.Answer(given.GetValue(Json), new { Items = nodes }, TextTable.Render(
            ["HOST", "PROCESS", "ROLES", "STATE", "VERSION", "SLOTS", "UP", "SEEN", "CLOCK"],
            nodes.Select(node => new[]
            {
                node.Host, Show(node.ProcessId), node.Roles, node.IsAlive ? "alive" : "silent", node.Version,
                node.Pools.Count == 0 ? "-" : string.Join(' ', node.Pools.Select(static pool => $"{pool.Pool} {pool.Busy}/{pool.Slots}")),
                TextTable.Age(node.Silence + (node.SeenAt - node.StartedAt)), TextTable.Age(node.Silence) + " ago",
                $"{node.ClockOffset.TotalSeconds:+0.0;-0.0} s",
            })));
    }

    private static string Show(long value) => value.ToString(CultureInfo.InvariantCulture);
}
