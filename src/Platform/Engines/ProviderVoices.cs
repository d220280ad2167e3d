namespace Platform.Engines;

/// <summary>
/// How a provider spells a voice of the contract: given a model's AIR and the voice, the name to send, or null where it has none. The table is
/// the catalog's, which engines do not know.
/// </summary>
internal sealed record ProviderVoices(Func<string, string, string?> Find);
