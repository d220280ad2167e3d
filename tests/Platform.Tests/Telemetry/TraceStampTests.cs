using System.Diagnostics;
using Platform.Telemetry;
using Xunit;

namespace Platform.Tests.Telemetry;

public sealed class TraceStampTests
{
    [Theory]
    [InlineData(ActivityTraceFlags.Recorded)]
    [InlineData(ActivityTraceFlags.None)]
    public void Reads_back_the_place_that_it_stored(ActivityTraceFlags flags)
    {
        using var span = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        span.ActivityTraceFlags = flags;

        var stamp = TraceStamp.Of(span);
        var place = TraceStamp.Read(stamp);

        Assert.Equal(TraceStamp.Length, stamp!.Length);
        Assert.Equal((span.TraceId, span.SpanId, flags, true), (place.TraceId, place.SpanId, place.TraceFlags, place.IsRemote));
        Assert.Equal(span.TraceId.ToHexString(), TraceStamp.TraceIdOf(stamp));
    }

    [Fact]
    public void Has_nothing_to_store_without_a_span() => Assert.Null(TraceStamp.Of(null));

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(24)]
    [InlineData(26)]
    public void Begins_a_new_trace_where_none_was_stored(int? length)
    {
        var stamp = length is { } bytes ? new byte[bytes] : null;
        Assert.Equal(default, TraceStamp.Read(stamp));
        Assert.Null(TraceStamp.TraceIdOf(stamp));
    }
}
