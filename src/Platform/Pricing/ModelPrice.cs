namespace Platform.Pricing;

/// <summary>The price of one model in one version of the price book, in integer micro-USD.</summary>
/// <param name="MicroUsdPerMillion">Per million units.</param>
/// <param name="StepMicroUsd">A result's price is rounded up to a multiple of this.</param>
/// <param name="MinimumMicroUsd">No result costs less.</param>
internal sealed record ModelPrice(long MicroUsdPerMillion, long StepMicroUsd, long MinimumMicroUsd)
{
    /// <summary>
    /// Bound of all three figures ($1,000). With at most 2^31 units no intermediate value below passes 4.2e18,
    /// so <c>long</c> cannot overflow.
    /// </summary>
    public const long Highest = 1_000_000_000;

    private const long Million = 1_000_000;

    public bool IsSane => MicroUsdPerMillion is > 0 and <= Highest
        && StepMicroUsd is > 0 and <= Highest
        && MinimumMicroUsd is > 0 and <= Highest;

    /// <summary>Micro-USD of one result with so many units. Rounds once and up: the exact product is never cut first.</summary>
    public long Of(int units)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(units);
        var step = Million * StepMicroUsd;
        var steps = ((units * MicroUsdPerMillion) + step - 1) / step;
        return Math.Max(steps * StepMicroUsd, MinimumMicroUsd);
    }
}
