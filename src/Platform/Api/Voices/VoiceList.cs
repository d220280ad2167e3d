using Platform.Api.Lists;
using Platform.Catalog;
using Platform.Engines;
using Platform.Tenants.Voices;

namespace Platform.Api.Voices;

/// <summary>What somebody looks for among the voices; null takes all.</summary>
internal sealed record VoiceFilter(string? Model, string? Language, string? Dialect, string? Kind, string? Search)
{
    public static VoiceFilter Read(IQueryCollection given, out IReadOnlyList<FieldFault> faults)
    {
        var query = new QueryFields(given);
        var filter = new VoiceFilter(
            query.Text("model"), query.Text("language"), query.Text("dialect"),
            query.OneOf("kind", VoiceAnswer.Preset, TenantVoice.Cloned, TenantVoice.Designed), query.Text("search"));
        faults = query.Faults;
        return filter;
    }

    public bool Takes(VoiceAnswer voice) =>
        (Model is null || voice.Models.Contains(Model, StringComparer.Ordinal))
        && (Language is null || voice.Languages is null || voice.Languages.Contains(Language, StringComparer.OrdinalIgnoreCase))
        && (Dialect is null || Dialect.Equals(voice.Dialect, StringComparison.OrdinalIgnoreCase))
        && (Kind is null || Kind == voice.Kind)
        && (Search is null || ((string?[])[voice.Voice, voice.Name, voice.Dialect, voice.Native, voice.Description])
            .Any(text => text?.Contains(Search, StringComparison.OrdinalIgnoreCase) == true));
}

/// <summary>The voices that a tenant can name: its own, newest first, then the catalog's.</summary>
internal sealed class VoiceList(ModelCatalog catalog, VoiceBook book, EngineOffer offer, TenantVoices own)
{
    /// <summary>The languages that a voice of one's own can be made for.</summary>
    public IReadOnlyList<string> Languages { get; } =
        [.. book.All.SelectMany(static voice => voice.Languages).Distinct(StringComparer.Ordinal)];

    public async Task<IReadOnlyList<VoiceAnswer>> RunForTenantAsync(Guid tenantId, VoiceFilter filter, CancellationToken cancellation)
    {
        var mine = await own.ListForTenantAsync(tenantId, cancellation);
        return
        [
            .. mine.Select(voice => VoiceAnswer.Of(voice, IsServed(voice.Model, OwnVoice.Spell(voice.Engine, voice.VoiceId)))).Where(filter.Takes),
            .. book.All.Select(voice => VoiceAnswer.Of(voice, voice.Models.Any(model => IsServed(model, voice.Name)))).Where(filter.Takes),
        ];
    }

    private bool IsServed(string air, string voice) => catalog.Find(air) is { } model && offer.Serves(model.Pool, air, voice);
}
