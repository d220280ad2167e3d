using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platform.Pricing;

/// <summary>What one result of a task costs at the most, fixed at acceptance.</summary>
/// <param name="MicroUsdPerResult">Integer micro-USD.</param>
/// <param name="PriceVersion">The version of the price book that was in force, or the tenant's own price: <c>override:7</c>.</param>
/// <param name="Unit">What is counted, such as <c>character</c>, a Unicode code point.</param>
/// <param name="Units">How many of them one result has, or can have where only the result tells.</param>
/// <param name="MicroUsdPerMillion">Price of a million units before rounding, in the tier that the month has come to.</param>
internal sealed record Quote(long MicroUsdPerResult, string PriceVersion, string Unit, long Units, long MicroUsdPerMillion)
{
    /// <summary>Null for a price by the character.</summary>
    public PriceTerms? Terms { get; init; }
}

/// <summary>What is kept with a task whose price is not by the character, so that its price never depends on a later price book.</summary>
/// <param name="Unit">What is counted.</param>
/// <param name="Step">The price is rounded up to a multiple of this many micro-USD; absent where it was fixed at acceptance.</param>
/// <param name="Minimum">It is no less than this many micro-USD.</param>
internal sealed record PriceTerms(string Unit, long? Step = null, long? Minimum = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Whether the result decides what it costs.</summary>
    [JsonIgnore]
    public bool IsMetered => Step is not null;

    public static PriceTerms? Parse(string? json) => json is null ? null : JsonSerializer.Deserialize<PriceTerms>(json, Json);

    public override string ToString() => JsonSerializer.Serialize(this, Json);

    /// <summary>Units and micro-USD of a result that lasts so long, never more than was held for it.</summary>
    public (long Units, long MicroUsd) OfResult(TimeSpan duration, long microUsdPerMillion, long held)
    {
        var units = (long)Math.Ceiling(duration.TotalSeconds);
        return (units, Math.Min(held, ModelPrice.Of(units, microUsdPerMillion, Step ?? 1, Minimum ?? 0)));
    }
}
