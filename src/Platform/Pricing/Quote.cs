namespace Platform.Pricing;

/// <summary>What one result of a task costs, fixed at acceptance.</summary>
/// <param name="MicroUsdPerResult">Integer micro-USD, at least 1.</param>
/// <param name="PriceVersion">The version of the price book that was in force.</param>
/// <param name="Unit">What is counted: <c>character</c>, a Unicode code point.</param>
/// <param name="Units">How many of them one result has.</param>
/// <param name="MicroUsdPerMillion">Price of a million units before rounding.</param>
internal sealed record Quote(long MicroUsdPerResult, string PriceVersion, string Unit, long Units, long MicroUsdPerMillion);
