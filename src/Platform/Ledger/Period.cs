namespace Platform.Ledger;

/// <summary>A stretch of time whose end is not part of it.</summary>
internal sealed record Period(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>All of time that a database can be asked about.</summary>
    public static Period All { get; } = new(DateTimeOffset.UnixEpoch, new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero));
}
