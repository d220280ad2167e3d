namespace Platform.Engines;

/// <summary>
/// A way to turn text into speech. One instance serves many requests at once; it holds no request's state.
/// </summary>
internal interface IEngine
{
    /// <summary>The name that settings and metrics use: <c>espeak-ng</c>, or that of an instance such as <c>gpu_a</c>.</summary>
    string Name { get; }

    /// <summary>
    /// What customers should know of the speech, in one or two sentences, for the catalog; null when it is the model's own.
    /// </summary>
    string? Note => null;

    /// <summary>Whether it speaks with voices of its own in place of the model's. Such an engine never takes over from another.</summary>
    bool IsStandIn => false;

    /// <summary>Whether <see cref="ProbeAsync"/> says something. A pool takes no work before the first good answer.</summary>
    bool HasProbe => false;

    /// <summary>Whether only a call, which costs, would show that it answers: nobody asks it before.</summary>
    bool ShowsOnlyInCalls => false;

    /// <summary>
    /// Whether it speaks exactly this voice of this model (its AIR, the voice as the contract spells it). Never true for one that only comes near.
    /// </summary>
    bool Serves(string model, string voice);

    /// <summary>What it can do for voices of tenants' own; null where it has none.</summary>
    VoiceMaking? Voices => null;

    /// <summary>
    /// Speaks one result. A failure that was foreseen comes back as a value; an exception means a bug.
    /// Cancellation ends the work (a child process or a request included) and throws <see cref="OperationCanceledException"/>.
    /// </summary>
    Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation);

    /// <summary>
    /// Looks at start whether the engine can work here at all, without asking anybody over the network. Null when it can, else one sentence
    /// that says what is missing and what to do.
    /// </summary>
    Task<string?> FindFaultAsync(CancellationToken cancellation);

    /// <summary>
    /// Asks whether it would take work now, such as a server that may still be loading. Null when it would, else why not in one sentence for
    /// the operator, without a secret. Never throws but for cancellation.
    /// </summary>
    Task<string?> ProbeAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);
}
