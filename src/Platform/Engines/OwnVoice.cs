namespace Platform.Engines;

/// <summary>A voice that a tenant had made: only the engine that had it made knows it, and only the model that it was made for speaks with it.</summary>
/// <param name="Name">The provider's name of it.</param>
/// <param name="TargetModel">The model as the provider names it.</param>
internal sealed record OwnVoice(string Name, string TargetModel)
{
    /// <summary>How a request names a voice of a tenant's own, so that no other engine takes it for one of its.</summary>
    public static string Spell(string engine, Guid voiceId) => $"{engine}/{voiceId}";

    /// <summary>Whether a voice is a tenant's own: the UUID that the customer sends, or the spelling with this engine's name.</summary>
    public static bool IsOne(string voice, string engine) =>
        Guid.TryParseExact(voice, "D", out _)
        || (voice.StartsWith(engine + "/", StringComparison.Ordinal) && Guid.TryParseExact(voice.AsSpan(engine.Length + 1), "D", out _));
}

/// <summary>A voice to be made, from a recording or from a description.</summary>
internal sealed record VoiceOrder
{
    /// <summary>The AIR of the model that is to speak with it.</summary>
    public required string Model { get; init; }

    /// <summary>A name for the provider's list: at most ten small letters and digits.</summary>
    public required string Label { get; init; }

    /// <summary>The recording to clone; none for a design.</summary>
    public ReferenceAudio? Recording { get; init; }

    /// <summary>A public address of the same recording, for providers that fetch it themselves.</summary>
    public string? RecordingUrl { get; init; }

    /// <summary>The voice in words, for a design.</summary>
    public string? Description { get; init; }

    /// <summary>An English language name, or null.</summary>
    public string? Language { get; init; }
}

/// <summary>A voice that was made, or why it was not.</summary>
internal readonly record struct MadeVoice(OwnVoice? Voice, EngineFailure? Failure);

/// <summary>What an engine can do for voices of tenants' own. Each call goes to the provider.</summary>
/// <param name="Make">Makes a voice. What was made twice by mistake is found by <paramref name="List"/>.</param>
/// <param name="Delete">Null when the voice is gone, also when it was gone before.</param>
/// <param name="List">The provider's names of all voices of this account for a model's AIR; null where it did not answer.</param>
internal sealed record VoiceMaking(
    Func<VoiceOrder, CancellationToken, Task<MadeVoice>> Make,
    Func<OwnVoice, CancellationToken, Task<EngineFailure?>> Delete,
    Func<string, CancellationToken, Task<IReadOnlyList<string>?>> List);
