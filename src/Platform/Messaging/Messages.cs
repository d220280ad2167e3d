namespace Platform.Messaging;

/// <summary>
/// The ticket: a pool has waiting work. It names no task: whoever gets it claims the fairest ones there are, and a
/// ticket that finds nothing ends quietly. Lost, doubled and late tickets are harmless.
/// </summary>
public sealed record WorkAvailable
{
    /// <summary>The pool to look into.</summary>
    public required string Pool { get; init; }

    /// <summary>The knock that says the same, or that this is one: whoever has answered the one need not look for the other.</summary>
    public Guid? KnockId { get; init; }
}

/// <summary>Tells one api node that tasks which it waits for have moved on.</summary>
public sealed record TasksSettled
{
    public required IReadOnlyList<SettledTask> Tasks { get; init; }
}

/// <summary>
/// One of them. Where its only result has just been committed it comes along, which saves the node a look; in every other case the rows
/// say what happened.
/// </summary>
public sealed record SettledTask
{
    /// <summary>The platform's own id.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>The rendered item, UTF-8 JSON, of a task that succeeded with a single result.</summary>
    public byte[]? Item { get; init; }

    /// <summary>How the item's audio is handed over.</summary>
    public string? OutputType { get; init; }

    /// <summary>Where its file lies.</summary>
    public string? BlobKey { get; init; }
}
