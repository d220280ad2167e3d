namespace Platform.Engines;

/// <summary>
/// A way to turn text into speech. One instance serves many requests at once; it holds no request's state.
/// </summary>
internal interface IEngine
{
    /// <summary>The name that settings and metrics use, such as <c>espeak-ng</c>.</summary>
    string Name { get; }

    /// <summary>
    /// What customers should know of the speech, in one or two sentences, for the catalog; null when it is the model's own.
    /// </summary>
    string? Note => null;

    /// <summary>
    /// Speaks one result. A failure that was foreseen comes back as a value; an exception means a bug.
    /// Cancellation ends the work (a child process included) and throws <see cref="OperationCanceledException"/>.
    /// </summary>
    Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation);

    /// <summary>
    /// Looks whether the engine can work here at all. Null when it can, else one sentence that says what is missing and what to do.
    /// </summary>
    Task<string?> FindFaultAsync(CancellationToken cancellation);
}
