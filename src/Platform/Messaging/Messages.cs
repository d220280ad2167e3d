namespace Platform.Messaging;

/// <summary>
/// The ticket: a pool has waiting work. It names no task: whoever gets it claims the fairest ones there are, and a
/// ticket that finds nothing ends quietly. Lost, doubled and late tickets are harmless.
/// </summary>
public sealed record WorkAvailable
{
    /// <summary>The pool to look into.</summary>
    public required string Pool { get; init; }
}

/// <summary>Tells one api node that tasks which it waits for have moved on. The rows say how.</summary>
public sealed record TasksSettled
{
    /// <summary>The platform's own ids.</summary>
    public required IReadOnlyList<Guid> TaskIds { get; init; }
}
