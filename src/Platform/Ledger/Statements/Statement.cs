namespace Platform.Ledger.Statements;

/// <summary>A line of a statement; amounts are micro-USD as the tenant sees them.</summary>
/// <param name="Section">
/// <c>opening</c>, a kind of booking (<c>credit</c>, <c>debit</c>, <c>grant</c>, <c>expiry</c>, <c>adjustment</c>), <c>usage</c>, <c>refund</c> or
/// <c>closing</c>.
/// </param>
/// <param name="Description">Why, or the model.</param>
/// <param name="Reference">The booking's, or the version of the price.</param>
/// <param name="UnitPriceMicroUsd">Of one unit, before rounding.</param>
internal sealed record StatementLine(
    string Section,
    DateTimeOffset? At,
    string? Description,
    string? Reference,
    long? Results,
    long? Units,
    string? Unit,
    decimal? UnitPriceMicroUsd,
    long AmountMicroUsd);

/// <summary>A month of a tenant's account: what it had, what moved, what it has.</summary>
/// <param name="IsWhole">Whether the month is over, so that the statement will not change any more.</param>
internal sealed record Statement(
    Guid TenantId, string TenantName, string Billing, Period Period, bool IsWhole, DateTimeOffset MadeAt, IReadOnlyList<StatementLine> Lines)
{
    public long Opening => Sum("opening");

    public long Closing => Sum("closing");

    public IEnumerable<StatementLine> Movements => Lines.Where(static line => line.Section is not ("opening" or "closing"));

    public long Sum(params IReadOnlyList<string> sections) =>
        Lines.Where(line => sections.Contains(line.Section, StringComparer.Ordinal)).Sum(static line => line.AmountMicroUsd);
}
