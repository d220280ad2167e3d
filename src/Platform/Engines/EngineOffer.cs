namespace Platform.Engines;

/// <summary>
/// What this installation can speak, by its settings alone: no engine is asked whether it is well. Every node answers alike as long as all are
/// given the same settings, so that a task is refused where it is sent instead of waiting for an engine that nobody set up.
/// </summary>
internal sealed class EngineOffer(EnginePools pools, IEnumerable<IEngine> engines)
{
    private static readonly string Someone = Guid.Empty.ToString();

    /// <summary>Whether an engine of the pool speaks this voice of this model; <paramref name="voice"/> may be the UUID of a voice of somebody's own.</summary>
    public bool Serves(string pool, string model, string voice) => pools.Serves(pool, model, voice);

    /// <summary>Whether it speaks the model in any of these voices or in one of a tenant's own.</summary>
    public bool ServesAny(string pool, string model, IEnumerable<string> voices) => voices.Append(Someone).Any(voice => Serves(pool, model, voice));

    /// <summary>What customers should know of the speech of this pool; null when it is the model's own.</summary>
    public string? NoteOf(string pool) => pools.NoteOf(pool);

    /// <summary>The first engine of the pool that has voices made for this model; null where there is none.</summary>
    public (string Engine, VoiceMaking Voices)? MakerOf(string pool, string model) =>
        pools.Of(pool).Lines.Select(static line => line.Engine).FirstOrDefault(engine => engine.Voices is not null && engine.Serves(model, Someone))
            is { Voices: { } making } found
            ? (found.Name, making)
            : null;

    /// <summary>The engine of that name where it has voices made; null for one that the settings name no longer.</summary>
    public VoiceMaking? MakerNamed(string name) => engines.FirstOrDefault(engine => string.Equals(engine.Name, name, StringComparison.Ordinal))?.Voices;
}
