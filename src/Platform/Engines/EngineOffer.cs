using Microsoft.Extensions.Options;

namespace Platform.Engines;

/// <summary>
/// What this installation can speak, by its settings alone: no engine is asked whether it is well. Every node answers alike as long as all are
/// given the same settings, so that a task is refused where it is sent instead of waiting for an engine that nobody set up.
/// </summary>
internal sealed class EngineOffer
{
    private static readonly string Someone = new Guid(new byte[16]).ToString();

    private readonly EnginesOptions _options;
    private readonly Dictionary<string, IEngine> _engines;

    public EngineOffer(IEnumerable<IEngine> engines, IOptions<EnginesOptions> options)
    {
        _options = options.Value;
        _engines = engines.ToDictionary(static engine => engine.Name, StringComparer.Ordinal);
    }

    /// <summary>Whether an engine of the pool speaks this voice of this model; <paramref name="voice"/> may be the UUID of a voice of somebody's own.</summary>
    public bool Serves(string pool, string model, string voice) => EnginesOf(pool).Any(engine => engine.Serves(model, voice));

    /// <summary>Whether it speaks the model in any of these voices or in one of a tenant's own.</summary>
    public bool ServesAny(string pool, string model, IEnumerable<string> voices) => voices.Append(Someone).Any(voice => Serves(pool, model, voice));

    /// <summary>What customers should know of the speech of this pool; null when it is the model's own.</summary>
    public string? NoteOf(string pool) => EnginesOf(pool).FirstOrDefault()?.Note;

    /// <summary>The first engine of the pool that has voices made for this model; null where there is none.</summary>
    public (string Engine, VoiceMaking Voices)? MakerOf(string pool, string model) =>
        EnginesOf(pool).FirstOrDefault(engine => engine.Voices is not null && engine.Serves(model, Someone)) is { Voices: { } making } found
            ? (found.Name, making)
            : null;

    /// <summary>The engine of that name where it has voices made; null for one that the settings name no longer.</summary>
    public VoiceMaking? MakerNamed(string engine) => _engines.GetValueOrDefault(engine)?.Voices;

    private IEnumerable<IEngine> EnginesOf(string pool) =>
        _options.NamesFor(pool).Select(name => _engines.GetValueOrDefault(name)).OfType<IEngine>();
}
