using System.ComponentModel.DataAnnotations;

namespace Platform.Hosting.Nodes;

/// <summary>How the processes of an installation know of each other.</summary>
internal sealed class NodesOptions
{
    public const string Section = "Nodes";

    /// <summary>How often a process says that it is alive, in seconds; after three times this it counts as silent.</summary>
    [Range(0.1, 3600.0)]
    public double HeartbeatSeconds { get; set; } = 5;
}
