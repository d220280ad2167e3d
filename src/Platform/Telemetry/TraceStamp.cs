using System.Diagnostics;

namespace Platform.Telemetry;

/// <summary>
/// A span's place as it is stored with a task: 16 bytes of trace, 8 of span, 1 of flags. What comes later, in whatever process, goes on
/// from there.
/// </summary>
internal static class TraceStamp
{
    public const int Length = 25;

    /// <summary>Null where there is no trace.</summary>
    public static byte[]? Of(Activity? span)
    {
        if (span is not { IdFormat: ActivityIdFormat.W3C })
        {
            return null;
        }

        var stamp = new byte[Length];
        span.TraceId.CopyTo(stamp.AsSpan(0, 16));
        span.SpanId.CopyTo(stamp.AsSpan(16, 8));
        stamp[24] = (byte)span.ActivityTraceFlags;
        return stamp;
    }

    /// <summary>The beginning of a new trace where none was stored.</summary>
    public static ActivityContext Read(byte[]? stamp) => stamp is not { Length: Length } ? default : new ActivityContext(
        ActivityTraceId.CreateFromBytes(stamp.AsSpan(0, 16)),
        ActivitySpanId.CreateFromBytes(stamp.AsSpan(16, 8)),
        (ActivityTraceFlags)stamp[24],
        traceState: null,
        isRemote: true);

    /// <summary>The trace's id as people look for it, in hex; null where none was stored.</summary>
    public static string? TraceIdOf(byte[]? stamp) => stamp is { Length: Length } ? Convert.ToHexStringLower(stamp.AsSpan(0, 16)) : null;
}
