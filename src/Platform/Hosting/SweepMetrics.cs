using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Hosting;

/// <summary>Whether the sweeps of this process still come round.</summary>
internal static class SweepMetrics
{
    private static readonly ConcurrentDictionary<string, double> Successes = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, double> Intervals = new(StringComparer.Ordinal);

    private static readonly Counter<long> Failures = Meters.Counter(
        "platform.sweep.failures", "{run}", "Steps of sweeps that ended early, by sweep.");

    private static readonly Meter Gauges = MakeGauges();

    /// <summary><c>RescueSweep</c> gives <c>rescue</c>.</summary>
    public static string NameOf(Type job) => job.Name.Replace("Sweep", "", StringComparison.Ordinal).ToLowerInvariant();

    public static void Planned(string sweep, TimeSpan interval) => Intervals[sweep] = interval.TotalSeconds;

    public static void Succeeded(string sweep, DateTimeOffset at) => Successes[sweep] = at.ToUnixTimeMilliseconds() / 1000.0;

    public static void Failed(string sweep) => Failures.Add(1, new KeyValuePair<string, object?>("sweep", sweep));

    private static Meter MakeGauges()
    {
        var meter = Meters.OfHost();
        meter.CreateObservableGauge(
            "platform.sweep.last_success", static () => Show(Successes), "s", "When a step of the sweep last succeeded, in Unix time.");
        meter.CreateObservableGauge("platform.sweep.interval", static () => Show(Intervals), "s", "How often the sweep is to run.");
        return meter;
    }

    private static IEnumerable<Measurement<double>> Show(ConcurrentDictionary<string, double> values) =>
        values.Select(static one => new Measurement<double>(one.Value, new KeyValuePair<string, object?>("sweep", one.Key)));
}
