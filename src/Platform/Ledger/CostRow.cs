namespace Platform.Ledger;

/// <summary>One charged result, or a refund of one. The field names are the contract's, in JSON and CSV alike.</summary>
internal sealed record CostRow
{
    public required DateTimeOffset At { get; init; }

    public required Guid TenantId { get; init; }

    public required string TenantName { get; init; }

    public Guid? TaskUUID { get; init; }

    public Guid? AudioUUID { get; init; }

    public string? Model { get; init; }

    public string? KeyPrefix { get; init; }

    /// <summary>What is counted: <c>character</c>, <c>second</c> or <c>result</c>.</summary>
    public string? Unit { get; init; }

    /// <summary>How many of them this result had.</summary>
    public long? Units { get; init; }

    /// <summary>Of one unit, before rounding.</summary>
    public decimal? UnitPriceMicroUsd { get; init; }

    /// <summary>What was taken for it; negative for a refund.</summary>
    public required long AmountMicroUsd { get; init; }

    public string? PriceVersion { get; init; }

    /// <summary>Of its task: one of the contract's states; <c>refunded</c> where the row is a refund.</summary>
    public string? State { get; init; }
}

/// <summary>The charges of one tenant that share a day, a model or a key.</summary>
/// <param name="Group">The day as <c>2026-11-20</c> (UTC), the model, or the key's prefix.</param>
/// <param name="Results">How many results were charged.</param>
internal sealed record CostSum(string? Group, Guid TenantId, string TenantName, long Results, long Units, long AmountMicroUsd);

/// <summary>What costs can be summed up for.</summary>
internal enum CostGroup
{
    Day,
    Model,
    Key,
}
