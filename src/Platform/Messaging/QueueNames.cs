using Microsoft.Extensions.Options;

namespace Platform.Messaging;

/// <summary>Where a message goes. Addresses name an exchange, which may exist before its queue does.</summary>
internal sealed class QueueNames(IOptions<BrokerOptions> options, NodeIdentity node)
{
    private readonly string _prefix = options.Value.Prefix;
    private readonly bool _isRemote = options.Value.Uri.Length > 0;

    /// <summary>
    /// How the queue of knocks is declared. Several workers share it, which the bus makes impossible for a queue that ends with its workers (it
    /// declares that exclusive), and new brokers for one that is not durable. So it stays, holds a few messages of the last second, and writes none
    /// to disk. The broker refuses a queue of the same name that is declared in another way: who changes these changes the name.
    /// </summary>
    public static IReadOnlyDictionary<string, object?> KnockArguments { get; } = new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["x-queue-type"] = "classic",
        ["x-message-ttl"] = 1000,
        ["x-max-length"] = 64,
        ["x-overflow"] = "drop-head",
    };

    public string NodeQueue => OfNode(node.Id);

    /// <summary>Shared by all senders of webhooks: one of them gets each bell.</summary>
    public string Webhooks => $"{_prefix}-webhooks";

    public Uri AddressOfWebhooks => new($"exchange:{Webhooks}");

    public string OfPool(string pool) => $"{_prefix}-work-{pool}";

    /// <summary>Shared by the workers of a pool: one of them hears each knock.</summary>
    public string OfKnocks(string pool) => $"{_prefix}-knocks-{pool}";

    public string OfNode(Guid nodeId) => $"{_prefix}-node-{nodeId:N}";

    public Uri AddressOfPool(string pool) => new($"exchange:{OfPool(pool)}");

    /// <summary>Null where tickets travel in memory, than which nothing is quicker.</summary>
    public Uri? AddressOfKnocks(string pool) => _isRemote ? new($"exchange:{OfKnocks(pool)}") : null;

    /// <summary>A node's queue is temporary, and so is the exchange before it: a sender has to declare it alike.</summary>
    public Uri AddressOfNode(Guid nodeId) => new($"exchange:{OfNode(nodeId)}?temporary=true");
}

/// <summary>This process, for as long as it lives: who waits for a task is written beside the task.</summary>
internal sealed class NodeIdentity
{
    public Guid Id { get; } = Guid.NewGuid();
}
