namespace Platform.Ledger;

/// <summary>
/// One entry as operators and tenants read it. Hold and release move money between available and held and leave the balance alone;
/// the balance is the sum of all the others.
/// </summary>
internal sealed record LedgerEntry
{
    public required long EntryId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Kind { get; init; }

    /// <summary>Micro-USD, signed as the tenant sees it: positive is more to spend.</summary>
    public required long Amount { get; init; }

    /// <summary>Micro-USD, what is held included.</summary>
    public required long BalanceAfter { get; init; }

    public Guid? TaskUUID { get; init; }

    public Guid? AudioUUID { get; init; }

    public string? Model { get; init; }

    public string? Reference { get; init; }

    public string? Reason { get; init; }

    /// <summary>Entries store magnitudes, except adjustments, which carry their own sign.</summary>
    public static int SignOf(string kind) => kind is "debit" or "hold" or "capture" or "expiry" ? -1 : 1;

    /// <summary>As the contract names a stored kind: promotional credit comes as a credit and goes as a debit.</summary>
    public static string NameOf(string kind) => kind switch
    {
        "grant" => "credit",
        "expiry" => "debit",
        _ => kind,
    };
}
