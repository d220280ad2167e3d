namespace Platform.Engines;

/// <summary>What an engine tells of one call beside its audio: facts for the operator, never the text.</summary>
internal sealed record EngineUsage
{
    public static readonly EngineUsage None = new();

    /// <summary>The provider's own id of the call, to ask it about.</summary>
    public string? ProviderRequestId { get; init; }

    /// <summary>The model as the engine names it: a checkpoint, or a provider's dated snapshot.</summary>
    public string? ModelSnapshot { get; init; }

    /// <summary>From the call to the first bytes of audio; null where the engine cannot tell.</summary>
    public TimeSpan? FirstAudio { get; init; }

    /// <summary>Calls that the engine made again by itself, such as with another seed after a runaway generation.</summary>
    public int Retries { get; init; }

    /// <summary>Tokens of audio that the provider counted over all of its calls.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Characters that the provider bills, where it says so; otherwise those of the text count.</summary>
    public long? BilledCharacters { get; init; }
}
