using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Storage;

/// <summary>How the store does.</summary>
internal static class StorageMetrics
{
    private static readonly Histogram<double> Writes = Meters.Durations(
        "platform.storage.write.duration", "One try at storing a finished file, by outcome: succeeded, failed.");

    public static void Wrote(bool succeeded, TimeSpan elapsed) =>
        Writes.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("outcome", succeeded ? "succeeded" : "failed"));
}
