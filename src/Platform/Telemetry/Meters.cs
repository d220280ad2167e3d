using System.Diagnostics.Metrics;

namespace Platform.Telemetry;

/// <summary>
/// Makes the instruments that the slices own. All of them are listed in <c>docs/telemetry.md</c>, which a test compares. Tags have few
/// values by their nature: pools, states, closed lists of codes; never a tenant, an id or an address.
/// </summary>
internal static class Meters
{
    public const string Name = "Platform";

    private static readonly Meter Platform = new(Name);

    // From what a cache answers to what a customer gives up on.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    };

    private static readonly InstrumentAdvice<double> Factors = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 5],
    };

    public static Counter<long> Counter(string name, string unit, string description) =>
        Platform.CreateCounter<long>(name, unit, description);

    public static Counter<double> SecondsCounter(string name, string description) => Platform.CreateCounter<double>(name, "s", description);

    public static Histogram<double> Durations(string name, string description) =>
        Platform.CreateHistogram(name, "s", description, tags: null, Seconds);

    public static Histogram<double> Ratios(string name, string description) =>
        Platform.CreateHistogram(name, "1", description, tags: null, Factors);

    public static UpDownCounter<long> UpDown(string name, string unit, string description) =>
        Platform.CreateUpDownCounter<long>(name, unit, description);

    /// <summary>For gauges that look at one host's objects: they end with it.</summary>
    public static Meter OfHost() => new(Name);
}
