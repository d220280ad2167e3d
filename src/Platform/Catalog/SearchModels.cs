using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>What somebody looks for in the catalog.</summary>
/// <param name="Text">Words that must all be found; null or blank finds every model.</param>
internal sealed record ModelQuery(string? Text, int Limit, int Offset)
{
    public string? Category { get; init; }

    public string? Architecture { get; init; }
}

/// <summary>A model as a search shows it. Clients of the protocol expect all of these to be there.</summary>
/// <param name="Voices">The names, dialects and languages of its voices, to be found by.</param>
internal sealed record FoundModel(Model Model, string Description, string Voices)
{
    /// <summary>Everything here is a whole model; the protocol's other categories are add-ons to one.</summary>
    public const string Category = "checkpoint";

    /// <summary>Between the colon and the @ of the identifier: <c>qwen</c> of <c>alibaba:qwen@3-tts-1.7b-base</c>.</summary>
    public string Architecture { get; } = Between(Model.Air, ':', '@');

    public string Version { get; } = Between(Model.Air, '@', null);

    public bool Holds(string word) =>
        Model.Air.Contains(word, StringComparison.OrdinalIgnoreCase)
        || Model.Name.Contains(word, StringComparison.OrdinalIgnoreCase)
        || Description.Contains(word, StringComparison.OrdinalIgnoreCase)
        || Voices.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static string Between(string air, char before, char? after)
    {
        var rest = air[(air.IndexOf(before, StringComparison.Ordinal) + 1)..];
        return after is { } end && rest.Contains(end, StringComparison.Ordinal) ? rest[..rest.IndexOf(end, StringComparison.Ordinal)] : rest;
    }
}

/// <summary>Finds models in the catalog, in its order.</summary>
internal sealed class SearchModels(ModelCatalog catalog, VoiceBook voices)
{
    private readonly IReadOnlyList<FoundModel> _all =
        [.. catalog.Models.Select(model => new FoundModel(
            model, JObject.Parse(model.SchemaText).Value<string>("description") ?? "", VoicesOf(model, voices)))];

    /// <summary>One page of what was found, and how many were found in all.</summary>
    public (IReadOnlyList<FoundModel> Page, int Total) Find(ModelQuery query)
    {
        var words = (query.Text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var found = _all.Where(model => words.All(model.Holds)
            && IsOrNull(query.Category, FoundModel.Category)
            && IsOrNull(query.Architecture, model.Architecture)).ToList();
        return ([.. found.Skip(query.Offset).Take(query.Limit)], found.Count);
    }

    private static string VoicesOf(Model model, VoiceBook voices) => string.Join(
        '\n',
        voices.All.Where(voice => voice.Models.Contains(model.Air, StringComparer.Ordinal))
            .SelectMany(static voice => (string?[])[voice.Name, voice.Sent, voice.Dialect, .. voice.Languages])
            .Where(static word => word is not null)
            .Distinct(StringComparer.Ordinal));

    private static bool IsOrNull(string? wanted, string actual) => wanted is null || actual.Equals(wanted, StringComparison.OrdinalIgnoreCase);
}
