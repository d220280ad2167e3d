using System.Diagnostics.CodeAnalysis;

namespace Platform.Engines;

/// <summary>What became of one request: audio, or the reason why there is none.</summary>
internal sealed record SpeechOutcome
{
    public Pcm? Audio { get; private init; }

    public EngineFailure? Failure { get; private init; }

    /// <summary>The audio stops where the token cap was reached, not where the text ends.</summary>
    public bool CapHit { get; private init; }

    /// <summary>What the engine knows of the call beside the audio; kept by a failure too.</summary>
    public EngineUsage Usage { get; init; } = EngineUsage.None;

    [MemberNotNullWhen(true, nameof(Audio))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Audio is not null;

    public static SpeechOutcome Of(Pcm audio, bool capHit = false) => new() { Audio = audio, CapHit = capHit };

    public static SpeechOutcome Failed(EngineFailure failure) => new() { Failure = failure };
}

/// <summary>Why an engine gave no audio.</summary>
/// <param name="Stage">Where it broke: <c>start</c>, <c>connect</c>, <c>speak</c>, <c>read</c>, <c>stretch</c>.</param>
/// <param name="Code">The engine's own short name for it, for logs and metrics.</param>
/// <param name="Message">One sentence for the customer; holds neither text nor prompt.</param>
/// <param name="RetryHelps">Whether the same request may succeed later or elsewhere.</param>
internal sealed record EngineFailure(string Stage, string Code, string Message, bool RetryHelps)
{
    public FailureKind Kind { get; init; } = RetryHelps ? FailureKind.Broken : FailureKind.Rejected;

    /// <summary>How long the engine asked to be left alone, for <see cref="FailureKind.Busy"/> and <see cref="FailureKind.Away"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The task is not at fault: it goes back to its pool and the attempt does not count.</summary>
    public bool IsAbsence => Kind is FailureKind.Busy or FailureKind.Away or FailureKind.Misconfigured;

    public static EngineFailure Of(FailureKind kind, string stage, string code, string message) =>
        new(stage, code, message, RetryHelps: kind is not (FailureKind.Rejected or FailureKind.ContentRefused)) { Kind = kind };
}

/// <summary>What a failure says about the engine and the task, which decides what follows it.</summary>
internal enum FailureKind
{
    /// <summary>The engine took the request and broke over it. Counts as an attempt; another may succeed.</summary>
    Broken,

    /// <summary>This request will never succeed. Ends the task.</summary>
    Rejected,

    /// <summary>The provider refuses to say this. Ends the task as a violation of its content policy.</summary>
    ContentRefused,

    /// <summary>The engine is there and takes no more for a while (429, 503). The pool slows down; no attempt is counted.</summary>
    Busy,

    /// <summary>The engine cannot be reached, or says itself that it is broken. No attempt is counted.</summary>
    Away,

    /// <summary>The operator has to act: a refused key, an overdue account, a missing permission. No attempt is counted.</summary>
    Misconfigured,
}
