using Platform.Pricing;

namespace Platform.Tasks;

/// <summary>A task that this worker runs, as long as it holds the lease.</summary>
internal sealed record ClaimedTask
{
    public required Guid TaskId { get; init; }

    public required Guid TenantId { get; init; }

    public required Guid TaskUuid { get; init; }

    public required string Model { get; init; }

    /// <summary>The fence: what this attempt writes counts only while the row still carries this token.</summary>
    public required Guid LeaseToken { get; init; }

    /// <summary>1 for the first.</summary>
    public required int Attempt { get; init; }

    public required int NumberResults { get; init; }

    /// <summary>Micro-USD.</summary>
    public required long PricePerResult { get; init; }

    /// <summary>Null where it is priced by the character.</summary>
    public PriceTerms? Terms { get; init; }

    /// <summary>Of a million units, where the result tells how many it has.</summary>
    public long MicroUsdPerMillion { get; init; }

    public required long Seed { get; init; }

    public required DateTimeOffset Deadline { get; init; }

    /// <summary>Its tenant may run only so many at once, so that the end of this one lets the next begin.</summary>
    public bool IsCapped { get; init; }

    /// <summary>The pool that it was claimed from.</summary>
    public string Pool { get; init; } = "";

    /// <summary>From the moment it could be claimed to the claim, by the database's clock.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>From acceptance to the claim, by the same clock.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>The span that submitted it.</summary>
    public byte[]? Trace { get; init; }

    public required byte[] Request { get; init; }

    /// <summary>Results that an earlier attempt finished and that stay as they are.</summary>
    public required IReadOnlyList<short> Finished { get; init; }
}
