namespace Platform.Ledger.Reconciliation;

/// <summary>One thing that two books say differently.</summary>
internal sealed record Difference
{
    /// <summary>Such as <c>captureLost</c>; with <see cref="Key"/> it names the difference for good.</summary>
    public required string Kind { get; init; }

    public Guid? TenantId { get; init; }

    /// <summary>The id that it is about, unique within its kind.</summary>
    public required string Key { get; init; }

    /// <summary>All ids that help to look at it, for people.</summary>
    public required string Subject { get; init; }

    public required string Expected { get; init; }

    public required string Found { get; init; }

    /// <summary>The command that would put it right. Nobody runs it but an operator.</summary>
    public required string Repair { get; init; }

    /// <summary>
    /// An entry or an audit record of this tenant under this reference says that an operator has dealt with it; it is no difference any more.
    /// </summary>
    public string RepairReference => ReferenceOf(Kind, Key);

    public static string ReferenceOf(string kind, string key) => $"repair:{kind}:{key}";
}

/// <summary>One comparison of two books. It reads and changes nothing.</summary>
internal interface IBookCheck
{
    /// <summary>Such as <c>captures</c>.</summary>
    string Name { get; }

    /// <summary>What it compares, in a sentence.</summary>
    string Question { get; }

    /// <summary>Why this process cannot make it, though nothing is wrong: such as a partner that its settings do not name. Null where it can.</summary>
    string? LeftOut => null;

    /// <summary>
    /// What differs in a period, or at this moment where a period means nothing. It may throw where a book cannot be read: then the check
    /// counts as failed, and the report is not clean.
    /// </summary>
    IAsyncEnumerable<Difference> FindAsync(Period period, CancellationToken cancellation);
}
