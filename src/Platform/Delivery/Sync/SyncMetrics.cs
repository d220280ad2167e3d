using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Delivery.Sync;

/// <summary>How synchronous callers fare.</summary>
internal static class SyncMetrics
{
    private static readonly Histogram<double> Waits = Meters.Durations(
        "platform.sync.wait", "From the acceptance of a synchronous task to its answer, by outcome: succeeded, failed, timeout.");

    private static readonly UpDownCounter<long> Waiting = Meters.UpDown(
        "platform.sync.waiting", "{caller}", "Synchronous callers that wait on this node.");

    public static void Began() => Waiting.Add(1);

    public static void Ended() => Waiting.Add(-1);

    public static void Answered(TaskOutcome? outcome, TimeSpan elapsed) => Waits.Record(
        elapsed.TotalSeconds,
        new KeyValuePair<string, object?>("outcome", outcome switch { null => "timeout", { Error: null } => "succeeded", _ => "failed" }));
}
