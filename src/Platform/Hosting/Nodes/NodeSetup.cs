using Platform.Messaging;
using Platform.Tasks;

namespace Platform.Hosting.Nodes;

/// <summary>Registers what makes a process known to the others and to whoever watches it.</summary>
internal static class NodeSetup
{
    public static void AddNode(this IServiceCollection services, Roles roles)
    {
        services.AddSingleton(provider => new NodeFacts(
            provider.GetRequiredService<NodeIdentity>().Id,
            roles.ToString().ToLowerInvariant(),
            roles.HasFlag(Roles.Worker) ? provider.GetRequiredService<PoolWorkers>().Read : static () => []));
        services.AddHostedService<NodePulse>();
        services.AddSingleton<NodeVolumes>();
        services.AddSingleton<NodeGauges>();
        services.AddSingleton<SlotGauges>();
    }

    /// <summary>Gauges look by themselves; nobody else asks for them, so they are made here.</summary>
    public static void StartGauges(this IServiceProvider services, Roles roles)
    {
        services.GetRequiredService<NodeGauges>();
        if (roles.HasFlag(Roles.Worker))
        {
            services.GetRequiredService<SlotGauges>();
        }
    }
}
