using System.Diagnostics.CodeAnalysis;

namespace Platform.Engines;

/// <summary>What became of one request: audio, or the reason why there is none.</summary>
internal sealed record SpeechOutcome
{
    public Pcm? Audio { get; private init; }

    public EngineFailure? Failure { get; private init; }

    /// <summary>The audio stops where the token cap was reached, not where the text ends.</summary>
    public bool CapHit { get; private init; }

    [MemberNotNullWhen(true, nameof(Audio))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Audio is not null;

    public static SpeechOutcome Of(Pcm audio, bool capHit = false) => new() { Audio = audio, CapHit = capHit };

    public static SpeechOutcome Failed(EngineFailure failure) => new() { Failure = failure };
}

/// <summary>Why an engine gave no audio.</summary>
/// <param name="Stage">Where it broke: <c>start</c>, <c>speak</c>, <c>read</c>, <c>stretch</c>.</param>
/// <param name="Code">The engine's own short name for it, for logs and metrics.</param>
/// <param name="Message">One sentence for the customer; holds neither text nor prompt.</param>
/// <param name="RetryHelps">Whether the same request may succeed later or elsewhere.</param>
internal sealed record EngineFailure(string Stage, string Code, string Message, bool RetryHelps);
