namespace Platform.Pricing;

/// <summary>From so many units a month on, the rate is another one.</summary>
internal sealed record PriceTier(long FromUnits, long MicroUsdPerMillion);

/// <summary>The price of one model in one version of the price book, in integer micro-USD.</summary>
/// <param name="MicroUsdPerMillion">Per million units.</param>
/// <param name="StepMicroUsd">A result's price is rounded up to a multiple of this.</param>
/// <param name="MinimumMicroUsd">No result costs less.</param>
internal sealed record ModelPrice(long MicroUsdPerMillion, long StepMicroUsd, long MinimumMicroUsd)
{
    /// <summary>Bound of the step and the minimum ($1,000), and of a million characters.</summary>
    public const long Highest = 1_000_000_000;

    private const long Million = 1_000_000;

    /// <summary>What is counted.</summary>
    public PriceUnit Unit { get; init; } = PriceUnit.Character;

    /// <summary>By volume, in rising order; empty where the rate is always the same.</summary>
    public IReadOnlyList<PriceTier> Tiers { get; init; } = [];

    /// <summary>
    /// The highest rate of a million units: $1,000 of characters, $1 of one second, $1,000 of one result. With the most units that a result can
    /// have of each, no price of a task passes 5e13.
    /// </summary>
    public static long HighestRateOf(PriceUnit unit) => unit switch
    {
        PriceUnit.Character => Highest,
        PriceUnit.Second => 1_000_000 * Million,
        _ => Highest * Million,
    };

    public bool IsSane => IsRate(MicroUsdPerMillion, lowest: 1)
        && StepMicroUsd is > 0 and <= Highest
        && MinimumMicroUsd is > 0 and <= Highest;

    /// <summary>Whether it is sane but for costing nothing, which an operator may allow.</summary>
    public bool IsSaneOrFree => IsSane || (MicroUsdPerMillion == 0 && MinimumMicroUsd == 0 && StepMicroUsd is > 0 and <= Highest && Tiers.Count == 0);

    public bool IsRate(long rate, long lowest) => rate >= lowest && rate <= HighestRateOf(Unit);

    /// <summary>The rate after so many units of the month.</summary>
    public long RateAfter(long units) => Tiers.LastOrDefault(tier => tier.FromUnits <= units)?.MicroUsdPerMillion ?? MicroUsdPerMillion;

    /// <summary>Micro-USD of one result with so many units. Rounds once and up: the exact product is never cut first.</summary>
    public long Of(long units) => Of(units, MicroUsdPerMillion, StepMicroUsd, MinimumMicroUsd);

    /// <inheritdoc cref="Of(long)"/>
    /// <param name="units">How many units the result has.</param>
    /// <param name="rate">Of a million of them.</param>
    /// <param name="step">The price is rounded up to a multiple of this.</param>
    /// <param name="minimum">It is no less than this.</param>
    public static long Of(long units, long rate, long step, long minimum)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(units);
        var whole = (Int128)Million * step;
        var steps = (((Int128)units * rate) + whole - 1) / whole;
        return Math.Max((long)(steps * step), minimum);
    }
}

/// <summary>What a price counts.</summary>
internal enum PriceUnit
{
    /// <summary>A Unicode code point of the text.</summary>
    Character,

    /// <summary>A result, whatever is in it.</summary>
    Result,

    /// <summary>A second of audio, begun ones counted whole. Known when the result is there; until then the most that it can be is held.</summary>
    Second,
}
