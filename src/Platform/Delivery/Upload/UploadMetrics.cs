using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Delivery.Upload;

/// <summary>How uploads to customers' addresses go.</summary>
internal static class UploadMetrics
{
    private static readonly Histogram<double> Durations = Meters.Durations(
        "platform.upload.duration", "One result's upload with all its attempts, by outcome: succeeded, failed.");

    public static void Ended(bool succeeded, TimeSpan elapsed) =>
        Durations.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("outcome", succeeded ? "succeeded" : "failed"));
}
