using Microsoft.Extensions.Options;
using Platform.Catalog;

namespace Platform.Tasks;

/// <summary>
/// The pools of this worker process. Apart from their workers, because the bus has to know them before it exists, and the workers
/// need the bus.
/// </summary>
internal sealed class ServedPools(ModelCatalog catalog, IOptions<WorkerOptions> options)
{
    public IReadOnlyList<string> Names { get; } = options.Value.Pools.Count > 0 ? [.. options.Value.Pools] : [.. catalog.Pools];
}
