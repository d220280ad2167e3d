using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Platform.Engines.Calls;
using Platform.Engines.Pools;

namespace Platform.Engines;

/// <summary>Step 7 of the walk: the engines of each pool, in order, behind their limits.</summary>
internal sealed class EnginePools
{
    private readonly Dictionary<string, IEngine> _engines;
    private readonly EnginesOptions _options;
    private readonly RecordCalls _calls;
    private readonly TimeProvider _time;
    private readonly ILogger<EnginePools> _log;
    private readonly ConcurrentDictionary<string, Lazy<EngineLine>> _lines = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<EnginePool>> _pools = new(StringComparer.Ordinal);

    public EnginePools(
        IEnumerable<IEngine> engines, IOptions<EnginesOptions> options, RecordCalls calls, TimeProvider time, ILogger<EnginePools> log)
    {
        _engines = engines.ToDictionary(engine => engine.Name, StringComparer.Ordinal);
        (_options, _calls, _time, _log) = (options.Value, calls, time, log);
    }

    /// <summary>The engines that the settings give to a pool, in order; at least one.</summary>
    /// <exception cref="InvalidOperationException">The settings name an engine that does not exist, or none.</exception>
    public EnginePool Of(string pool) =>
        _pools.GetOrAdd(pool, name => new Lazy<EnginePool>(() => new EnginePool(name, [.. Names(name).Select(LineOf)], _calls, _time))).Value;

    /// <summary>Folder for long audio while it is made.</summary>
    public string SpoolFolder => _options.SpoolPath;

    /// <summary>Results of this pool that could begin now, whatever the slots: 0 while none of its engines takes work.</summary>
    public int RoomOf(string pool) => Of(pool).Room;

    /// <summary>Whether one of a pool's engines has this voice of this model; it may be away for the moment.</summary>
    public bool Serves(string pool, string model, string voice) => Of(pool).Lines.Any(line => line.Engine.Serves(model, voice));

    /// <summary>What customers should know of the speech that this pool gives; null when it is the model's own.</summary>
    public string? NoteOf(string pool) => Of(pool).Lines.Select(static line => line.Engine.Note).FirstOrDefault(static note => note is not null);

    /// <summary>Speaks one result. Whatever goes wrong with an engine comes back as a failure that says what it means for the task.</summary>
    public Task<SpeechOutcome> SpeakAsync(string pool, SpeechRequest request, CancellationToken cancellation) =>
        Of(pool).SpeakAsync(request, cancellation);

    /// <summary>Watches the engines of these pools until told to stop, each by itself: whether they have loaded, are gone, or are back.</summary>
    public IReadOnlyList<Task> Watch(IEnumerable<string> pools, CancellationToken stopping)
    {
        var served = pools.Select(Of).ToList();
        served.ForEach(static pool => pool.ShowCircuits());
        return [.. served.SelectMany(static pool => pool.Lines).Distinct().Select(line => line.WatchAsync(stopping))];
    }

    private IReadOnlyList<string> Names(string pool) => _options.NamesFor(pool) is { Count: > 0 } names
        ? names
        : throw new InvalidOperationException($"Engines: pool '{pool}' is given no engine.");

    private EngineLine LineOf(string name) => _engines.TryGetValue(name, out var engine)
        ? _lines.GetOrAdd(name, _ => new Lazy<EngineLine>(() => new EngineLine(engine, LimitsOf(name), _time, _log))).Value
        : throw new InvalidOperationException(
            $"Engines: a pool is given the engine '{name}', which does not exist. There are: {string.Join(", ", _engines.Keys)}.");

    private LineLimits LimitsOf(string name)
    {
        var instance = _options.Instances.TryGetValue(name, out var named) ? named : null;
        return new LineLimits(
            instance?.Concurrency ?? int.MaxValue,
            TimeSpan.FromSeconds(instance is { TimeoutSeconds: > 0 } ? instance.TimeoutSeconds : _options.TimeoutSeconds),
            TimeSpan.FromSeconds(_options.ProbeSeconds),
            TimeSpan.FromSeconds(_options.BreakSeconds));
    }
}
