using Platform.Hosting.Nodes;
using Platform.Tasks;

namespace Platform.Hosting.Doctor;

/// <summary>Whether somebody is there for every role and every pool, and whether they agree about the time and the version.</summary>
internal static class NodeChecks
{
    private const double Late = 30;

    public static IReadOnlyList<Diagnosis> Run(IReadOnlyList<NodeView> nodes, IReadOnlyList<PoolDepth> queue)
    {
        var alive = nodes.Where(static node => node.IsAlive).ToList();
        return
        [
            .. ((Roles[])[Roles.Api, Roles.Worker, Roles.Scheduler]).Select(role => CheckRole(role, alive)),
            .. queue.Select(pool => CheckPool(pool, alive)),
            CheckClocks(alive),
            CheckVersions(alive),
            .. CheckSilent(nodes),
        ];
    }

    private static Diagnosis CheckRole(Roles role, List<NodeView> alive)
    {
        var name = role.ToString().ToLowerInvariant();
        return alive.Count(node => node.Has(role)) switch
        {
            0 => Diagnosis.Fault($"role {name}", "No process with this role is alive.", $"Start one: serve --roles {name}."),
            1 => Diagnosis.Ok($"role {name}", "One process is alive."),
            var several when role == Roles.Scheduler => Diagnosis.Ok(
                $"role {name}", $"{several} processes are alive, which does no harm: each sweep claims its rows, and each row changes once."),
            var several => Diagnosis.Ok($"role {name}", $"{several} processes are alive."),
        };
    }

    private static Diagnosis CheckPool(PoolDepth pool, List<NodeView> alive)
    {
        var workers = alive.Count(node => node.Pools.Any(one => one.Pool == pool.Pool));
        var check = $"pool {pool.Pool}";
        return (workers, pool.Waiting) switch
        {
            (0, > 0) => Diagnosis.Fault(
                check, $"{pool.Waiting} tasks wait and no live worker serves the pool.",
                $"Start one: serve --roles worker --Worker:Pools:0 {pool.Pool}."),
            (0, _) => Diagnosis.Warning(
                check, "No live worker serves the pool; nothing waits.",
                $"Start one before it is needed: serve --roles worker --Worker:Pools:0 {pool.Pool}."),
            _ when pool.Oldest.TotalSeconds > Late => Diagnosis.Warning(
                check, $"{pool.Waiting} tasks wait, the oldest for {pool.Oldest.TotalSeconds:0} s.",
                "Add workers or slots ('queue' shows whose tasks they are)."),
            _ => Diagnosis.Ok(check, $"{pool.Waiting} tasks wait, {pool.Running} run, {workers} workers serve."),
        };
    }

    private static Diagnosis CheckClocks(List<NodeView> alive)
    {
        if (alive.Count == 0)
        {
            return Diagnosis.Skipped("clocks of the nodes", "No node is alive.");
        }

        var (slow, fast) = (alive.MinBy(static node => node.ClockOffset)!, alive.MaxBy(static node => node.ClockOffset)!);
        var spread = (fast.ClockOffset - slow.ClockOffset).TotalSeconds;
        var worst = alive.MaxBy(static node => node.ClockOffset.Duration())!;
        var text = $"{fast.Host} and {slow.Host} are {spread:0.0} s apart; {worst.Host} is {worst.ClockOffset.TotalSeconds:+0.0;-0.0} s off the database.";
        return Math.Max(spread, worst.ClockOffset.Duration().TotalSeconds) switch
        {
            < 5 => Diagnosis.Ok("clocks of the nodes", $"All agree within {spread:0.0} s."),
            < 30 => Diagnosis.Warning("clocks of the nodes", text, DatabaseChecks.SetClocks),
            _ => Diagnosis.Fault("clocks of the nodes", text, DatabaseChecks.SetClocks),
        };
    }

    private static Diagnosis CheckVersions(List<NodeView> alive)
    {
        var versions = alive.Select(static node => node.Version).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return versions.Count > 1
            ? Diagnosis.Warning("versions", $"Several versions run: {string.Join(", ", versions)}.", "Fine during an upgrade; else restart the older ones.")
            : Diagnosis.Ok("versions", versions.Count == 0 ? "No node is alive." : $"All run {versions[0]}.");
    }

    private static IEnumerable<Diagnosis> CheckSilent(IReadOnlyList<NodeView> nodes) => nodes
        .Where(static node => !node.IsAlive)
        .Select(static node => Diagnosis.Warning(
            "silent node", $"{node.Host}, process {node.ProcessId} ({node.Roles}), was last heard of at {node.SeenAt:u} and did not say goodbye.",
            "Look whether it was killed, for want of memory perhaps; its tasks have gone to others. It is forgotten after a day."));
}
