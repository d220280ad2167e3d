using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>One voice of the catalog, with every model that has it under this name.</summary>
internal sealed record CatalogVoice
{
    /// <summary>What tasks send as <c>speech.voice</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// What a provider is sent for it: the voice itself, or for a voice of an open model the provider's namesake. Null where a provider has none.
    /// </summary>
    public string? Sent { get; init; }

    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>The voice's own language, where one is known; it speaks <see cref="Languages"/> with that accent.</summary>
    public string? Native { get; init; }

    public required IReadOnlyList<string> Languages { get; init; }

    /// <summary>The Chinese dialect or region that it speaks with.</summary>
    public string? Dialect { get; init; }

    public string? Gender { get; init; }

    public string? Description { get; init; }
}

/// <summary>
/// The voices of all models: which there are stands in each model's schema, what is known of them in <c>schemas/voices.json</c>. Read once at
/// start, safe for many threads.
/// </summary>
internal sealed class VoiceBook
{
    public const string Auto = "auto";

    /// <summary>The field of a task that names a voice.</summary>
    public const string Field = "speech.voice";

    private const string Path = "schemas/voices.json";

    private readonly Dictionary<(string Model, string Voice), CatalogVoice> _voices;
    private readonly Dictionary<string, string> _auto;

    private VoiceBook(IReadOnlyList<CatalogVoice> all, Dictionary<string, string> auto)
    {
        All = all;
        _auto = auto;
        _voices = all.SelectMany(static voice => voice.Models.Select(model => (Key: (model, voice.Name), Voice: voice)))
            .ToDictionary(static one => one.Key, static one => one.Voice);
    }

    /// <summary>In the order of the file; those that it does not describe come last.</summary>
    public IReadOnlyList<CatalogVoice> All { get; }

    /// <summary>Everything that a model's tasks may name as voice, those of tenants' own excepted.</summary>
    public IEnumerable<string> AllowedFor(Model model) =>
        model.Root.Find(Field)?.Allowed
        ?? [Auto, .. All.Where(one => one.Models.Contains(model.Air, StringComparer.Ordinal)).Select(static one => one.Name)];

    /// <exception cref="InvalidDataException">The file is broken, or names what no schema has; the message says where.</exception>
    public static VoiceBook Load(SchemaFiles files, ModelCatalog catalog)
    {
        var file = files.Object(Path);
        var described = file["voices"] is JArray list
            ? list.Select(voice => Read(voice, catalog)).ToList()
            : throw new InvalidDataException($"{Path}: 'voices' must be a list.");
        if (described.SelectMany(static voice => voice.Models.Select(model => (model, voice.Name))).GroupBy(static key => key)
            .FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new InvalidDataException($"{Path}: {twice.Key.model} has the voice '{twice.Key.Name}' twice.");
        }

        var auto = (file["auto"] as JObject)?.Properties()
            .ToDictionary(static one => one.Name, static one => one.Value.ToString(), StringComparer.Ordinal) ?? [];
        var book = new VoiceBook([.. described, .. Undescribed(catalog, described)], auto);
        return auto.FirstOrDefault(one => book.Find(one.Key, one.Value) is null) is { Key: { } model }
            ? throw new InvalidDataException($"{Path}: the automatic voice of {model} is none of its voices.")
            : book;
    }

    /// <summary>Null for <c>auto</c>, for a voice of a tenant's own, and for what the model does not have.</summary>
    public CatalogVoice? Find(string model, string voice) => _voices.GetValueOrDefault((model, voice));

    /// <summary>The voice that <c>auto</c> stands for where the catalog decides it, else the name itself.</summary>
    public string Resolve(string model, string voice) => voice == Auto ? _auto.GetValueOrDefault(model, voice) : voice;

    private static CatalogVoice Read(JToken json, ModelCatalog catalog)
    {
        var name = json.Value<string>("voice") ?? throw new InvalidDataException($"{Path}: every voice needs a name in 'voice'.");
        var models = json["models"]?.Select(static model => model.ToString()).ToArray() ?? [];
        var wrong = models.FirstOrDefault(model => !NamesOf(catalog.Find(model)).Contains(name, StringComparer.Ordinal));
        if (models.Length == 0 || wrong is not null)
        {
            throw new InvalidDataException($"{Path}: '{name}' must name models whose schemas have it{(wrong is null ? "" : $", which {wrong} does not")}.");
        }

        return new CatalogVoice
        {
            Name = name,
            Models = models,
            Sent = json.Value<string>("sent"),
            Native = json.Value<string>("native"),
            Languages = json["languages"]?.Select(static one => one.ToString()).ToArray() ?? LanguagesOf(catalog.Find(models[0])!),
            Dialect = json.Value<string>("dialect"),
            Gender = json.Value<string>("gender"),
            Description = json.Value<string>("description"),
        };
    }

    // A model is added by its schema alone; what nobody has described yet is listed by its name.
    private static IEnumerable<CatalogVoice> Undescribed(ModelCatalog catalog, List<CatalogVoice> described) =>
        from model in catalog.Models
        from name in NamesOf(model)
        where !described.Exists(voice => voice.Name == name && voice.Models.Contains(model.Air, StringComparer.Ordinal))
        select new CatalogVoice { Name = name, Models = [model.Air], Languages = LanguagesOf(model) };

    private static IEnumerable<string> NamesOf(Model? model) =>
        model?.Root.Find(Field)?.Allowed?.Where(static name => name is not (Auto or "clone")) ?? [];

    private static string[] LanguagesOf(Model model) =>
        [.. model.Root.Find("speech.language")?.Allowed?.Where(static name => name != "Auto") ?? []];
}
