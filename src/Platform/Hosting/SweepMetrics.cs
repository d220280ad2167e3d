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

    /// <summary>Counts as a success at <paramref name="at"/>, so that one that never succeeds is seen to be late.</summary>
    public static void Planned(string sweep, TimeSpan interval, DateTimeOffset at)
    {
        Intervals[sweep] = interval.TotalSeconds;
        Successes.TryAdd(sweep, at.ToUnixTimeMilliseconds() / 1000.0);
    }

    public static void Succeeded(string sweep, DateTimeOffset at) => Successes[sweep] = at.ToUnixTimeMilliseconds() / 1000.0;

    public static void Failed(string sweep) => Failures.Add(1, new KeyValuePair<string, object?>("sweep", sweep));

    private static Meter MakeGauges()
    {
        var meter = Meters.OfHost();
        meter.CreateObservableGauge(
            "platform.sweep.last_success",
            static () => Show(Successes),
            "s",
            "When the sweep last succeeded, all of its steps, in Unix time; at first when its process started.");
        meter.CreateObservableGauge("platform.sweep.interval", static () => Show(Intervals), "s", "How often the sweep is to run.");
        return meter;
    }

    private static IEnumerable<Measurement<double>> Show(ConcurrentDictionary<string, double> values) =>
        values.Select(static one => new Measurement<double>(one.Value, new KeyValuePair<string, object?>("sweep", one.Key)));
}
