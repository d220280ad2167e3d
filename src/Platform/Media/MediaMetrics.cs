using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Media;

/// <summary>What encoding costs.</summary>
internal static class MediaMetrics
{
    private static readonly Histogram<double> Encodings = Meters.Durations("platform.media.encode.duration", "Encoding one result, by format.");

    public static void Encoded(AudioFormat format, TimeSpan elapsed) =>
        Encodings.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("format", format.ToString().ToLowerInvariant()));
}
