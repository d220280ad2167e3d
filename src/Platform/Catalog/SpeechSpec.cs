using Platform.Media;

namespace Platform.Catalog;

/// <summary>A valid <c>audioInference</c> task with every default filled: what is priced, queued and run.</summary>
internal sealed record SpeechSpec
{
    /// <summary>The cap of a model that has none: longer than any text that a task can hold.</summary>
    public const int Uncapped = 100_000;

    /// <summary>The customer's id, spelled as the customer spelled it.</summary>
    public required string TaskUuid { get; init; }

    /// <summary>The model's AIR.</summary>
    public required string Model { get; init; }

    public required OutputType OutputType { get; init; }

    public required AudioTarget Target { get; init; }

    /// <summary>
    /// True when the reply is an acknowledgement and the result is fetched or delivered later: asked for by <c>deliveryMethod</c>,
    /// or by a webhook, whatever that says.
    /// </summary>
    public required bool IsAsync { get; init; }

    /// <summary>How long the link lives. Only meaningful with <see cref="Catalog.OutputType.Url"/>.</summary>
    public required TimeSpan Ttl { get; init; }

    public required bool IncludeCost { get; init; }

    public required int NumberResults { get; init; }

    public string? Prompt { get; init; }

    /// <summary>Where each finished result is announced: an http or https URL of the right form, not yet looked at by the outbound guard.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>
    /// Where each result is uploaded, placeholders not yet filled: an http or https URL of the right form, not yet looked at by the
    /// outbound guard.
    /// </summary>
    public string? UploadEndpoint { get; init; }

    /// <summary>The recording to imitate, as sent: a stored medium's UUID, a URL, a data URI or base64. Only its form was checked.</summary>
    public string? InputAudio { get; init; }

    /// <summary>What is said in the recording.</summary>
    public string? Transcript { get; init; }

    /// <summary>Whether only the timbre is taken from the recording, so that no transcript is needed.</summary>
    public bool XVectorOnly { get; init; }

    public required string Text { get; init; }

    /// <summary>Length of <see cref="Text"/> in Unicode code points: what is priced.</summary>
    public required int TextLength { get; init; }

    public required string Voice { get; init; }

    public required string Language { get; init; }

    public required decimal Speed { get; init; }

    public required int MaxNewTokens { get; init; }

    /// <summary>Whether the provider rewords the prompt before it follows it.</summary>
    public bool OptimizePrompt { get; init; }

    /// <summary>The mood, for models that know moods by name; null leaves it to the model.</summary>
    public string? Emotion { get; init; }

    /// <summary>Semitones.</summary>
    public int Pitch { get; init; }

    /// <summary>1 is the voice's own loudness.</summary>
    public decimal Volume { get; init; } = 1;
}

/// <summary>How a result is handed over.</summary>
internal enum OutputType
{
    Url,
    Base64Data,
    DataUri,
}
