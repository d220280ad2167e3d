using Microsoft.Extensions.Options;
using Platform.Catalog;

namespace Platform.Tasks;

/// <summary>
/// The pools of this worker process. Apart from their workers, because the bus has to know them before it exists, and the workers
/// need the bus.
/// </summary>
internal sealed class ServedPools(ModelCatalog catalog, CheckTask check, IOptions<WorkerOptions> options)
{
    /// <summary>Those that the settings name, else all whose models an engine speaks: the others get no tasks.</summary>
    public IReadOnlyList<string> Names { get; } = options.Value.Pools.Count > 0
        ? [.. options.Value.Pools]
        : [.. catalog.Models.Where(check.IsServed).Select(static model => model.Pool).Distinct(StringComparer.Ordinal)];
}
