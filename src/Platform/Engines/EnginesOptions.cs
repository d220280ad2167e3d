namespace Platform.Engines;

/// <summary>Which engine serves which pool.</summary>
internal sealed class EnginesOptions
{
    public const string Section = "Engines";

    /// <summary>The engine of every pool that <see cref="Pools"/> does not name: <c>espeak-ng</c>, or <c>null</c> in benchmarks.</summary>
    public string Default { get; set; } = "espeak-ng";

    /// <summary>Pool to engine.</summary>
    public IDictionary<string, string> Pools { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How long one result may take before the engine is taken for stuck, in seconds.</summary>
    public double TimeoutSeconds { get; set; } = 300;
}
