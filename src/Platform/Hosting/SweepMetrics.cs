using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Hosting;

/// <summary>Whether the sweeps of this process still come round.</summary>
internal static class SweepMetrics
{
    private static readonly ConcurrentDictionary<string, long> Successes = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, double> Intervals = new(StringComparer.Ordinal);

    private static readonly Counter<long> Failures = Meters.Counter(
        "platform.sweep.failures", "{run}", "Steps of sweeps that ended early, by sweep.");

    private static readonly Meter Gauges = MakeGauges();

    /// <summary><c>RescueSweep</c> gives <c>rescue</c>.</summary>
    public static string NameOf(Type job) => job.Name.Replace("Sweep", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Counts as a success, so that one that never succeeds is seen to be late.</summary>
    public static void Planned(string sweep, TimeSpan interval)
    {
        Intervals[sweep] = interval.TotalSeconds;
        Successes.TryAdd(sweep, TimeProvider.System.GetTimestamp());
    }

    /// <summary>It has come to its end, or one that has a lot to do got further.</summary>
    public static void Succeeded(string sweep) => Successes[sweep] = TimeProvider.System.GetTimestamp();

    public static void Failed(string sweep) => Failures.Add(1, new KeyValuePair<string, object?>("sweep", sweep));

    private static Meter MakeGauges()
    {
        var meter = Meters.OfHost();
        meter.CreateObservableGauge(
            "platform.sweep.age",
            static () => Show(Successes, static at => TimeProvider.System.GetElapsedTime(at).TotalSeconds),
            "s",
            "How long ago the sweep last succeeded, all of its steps, or got further; at first since its process started.");
        meter.CreateObservableGauge(
            "platform.sweep.interval", static () => Show(Intervals, static seconds => seconds), "s", "How often the sweep is to run.");
        return meter;
    }

    private static IEnumerable<Measurement<double>> Show<T>(ConcurrentDictionary<string, T> values, Func<T, double> seconds) =>
        values.Select(one => new Measurement<double>(seconds(one.Value), new KeyValuePair<string, object?>("sweep", one.Key)));
}
