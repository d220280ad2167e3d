namespace Platform.Engines;

/// <summary>What an engine is asked to speak: one result of one task, all defaults filled.</summary>
internal sealed record SpeechRequest
{
    /// <summary>The model's AIR, such as <c>alibaba:qwen@3-tts-1.7b-customvoice</c>.</summary>
    public required string Model { get; init; }

    public required string Text { get; init; }

    /// <summary>A voice of the model, or <c>auto</c>.</summary>
    public required string Voice { get; init; }

    /// <summary>An English language name as the contract lists them, or <c>Auto</c>.</summary>
    public required string Language { get; init; }

    /// <summary>0.25 to 4; 1 is the voice's own pace.</summary>
    public required decimal Speed { get; init; }

    /// <summary>How to speak, in words; an engine that cannot follow it ignores it.</summary>
    public string? Prompt { get; init; }

    /// <summary>
    /// Two results with different seeds differ audibly; the same seed gives the same audio where the engine can promise it.
    /// </summary>
    public required long Seed { get; init; }

    /// <summary>Cap on the length: 12.5 tokens are one second of audio.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>The voice to imitate, for models that clone; without one they speak in a voice of the engine's choice.</summary>
    public ReferenceAudio? Reference { get; init; }

    /// <summary>Whether only the timbre of the reference is to be taken, for engines that know the difference.</summary>
    public bool XVectorOnly { get; init; }

    /// <summary>The tenant's own voice that <see cref="Voice"/> names, for engines that have voices made.</summary>
    public OwnVoice? OwnVoice { get; init; }

    /// <summary>Whether the provider rewords the prompt before it follows it.</summary>
    public bool OptimizePrompt { get; init; }

    /// <summary>The mood, for models that know moods by name; null leaves it to the model.</summary>
    public string? Emotion { get; init; }

    /// <summary>Semitones, for models that can be set higher or lower.</summary>
    public int Pitch { get; init; }

    /// <summary>1 is the voice's own loudness, for models that take it.</summary>
    public decimal Volume { get; init; } = 1;

    /// <summary>What the call is made for, so that its cost can be told from the customer's price; none for a call that serves no task.</summary>
    public CallOrigin? Origin { get; init; }
}

/// <summary>Audio whose voice is to be imitated, with what is said in it where that is known.</summary>
internal sealed record ReferenceAudio(Pcm Audio, string? Transcript);

/// <summary>One try at one result of a task.</summary>
internal sealed record CallOrigin(Guid TaskId, Guid TenantId, short Index, int Attempt);
