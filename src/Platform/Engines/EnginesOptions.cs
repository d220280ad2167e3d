using System.ComponentModel.DataAnnotations;

namespace Platform.Engines;

/// <summary>Which engines there are and which serve which pool.</summary>
internal sealed class EnginesOptions
{
    public const string Section = "Engines";

    /// <summary>The engines of every pool that <see cref="Pools"/> does not name: <c>espeak-ng</c>, or <c>null</c> in benchmarks.</summary>
    public string Default { get; set; } = "espeak-ng";

    /// <summary>Pool to engines, in order, with commas between them: the next takes over where the one before cannot.</summary>
    public IDictionary<string, string> Pools { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The engines that need settings, by the name that pools call them.</summary>
    public IDictionary<string, EngineInstance> Instances { get; } = new Dictionary<string, EngineInstance>(StringComparer.Ordinal);

    /// <summary>How long one result may take before the engine is taken for stuck, in seconds.</summary>
    [Range(0.001, 86_400, ErrorMessage = "must be from 0.001 to 86400")]
    public double TimeoutSeconds { get; set; } = 300;

    /// <summary>How often an engine that is loading or away is asked whether it is back, in seconds.</summary>
    [Range(0.01, 3600, ErrorMessage = "must be from 0.01 to 3600")]
    public double ProbeSeconds { get; set; } = 1;

    /// <summary>How long an engine that mostly fails is left alone before one call tries it again, in seconds.</summary>
    [Range(0.5, 3600, ErrorMessage = "must be from 0.5 to 3600")]
    public double BreakSeconds { get; set; } = 5;

    /// <summary>Folder for long audio while it is made, on a disk. Empty: the system's temporary folder.</summary>
    public string SpoolFolder { get; set; } = "";

    /// <summary>How long the record of each call is kept, for margins, in days.</summary>
    [Range(1, 36_500, ErrorMessage = "must be from 1 to 36500")]
    public int CallRetentionDays { get; set; } = 400;

    internal string SpoolPath => SpoolFolder.Length > 0 ? SpoolFolder : Path.GetTempPath();

    /// <summary>The engines of a pool by name, in order.</summary>
    public IReadOnlyList<string> NamesFor(string pool) => (Pools.TryGetValue(pool, out var named) ? named : Default)
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
