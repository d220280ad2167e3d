using System.Diagnostics;
using OpenTelemetry.Trace;
using Platform.Telemetry;
using Xunit;

namespace Platform.Tests.Telemetry;

public sealed class IngressSamplerTests
{
    [Theory]
    [InlineData(0.0, ActivityTraceFlags.Recorded, SamplingDecision.Drop)]
    [InlineData(1.0, ActivityTraceFlags.None, SamplingDecision.RecordAndSample)]
    public void Does_not_let_a_customer_decide_at_the_door(double ratio, ActivityTraceFlags sent, SamplingDecision expected) =>
        Assert.Equal(expected, Ask(ratio, sent, ActivityKind.Server));

    [Theory]
    [InlineData(0.0, ActivityTraceFlags.Recorded, SamplingDecision.RecordAndSample)]
    [InlineData(1.0, ActivityTraceFlags.None, SamplingDecision.Drop)]
    public void Follows_behind_the_door_what_was_decided_there(double ratio, ActivityTraceFlags stored, SamplingDecision expected)
    {
        Assert.Equal(expected, Ask(ratio, stored, ActivityKind.Consumer));
        Assert.Equal(expected, Ask(ratio, stored, ActivityKind.Internal));
    }

    [Theory]
    [InlineData(0.0, SamplingDecision.Drop)]
    [InlineData(1.0, SamplingDecision.RecordAndSample)]
    public void Decides_by_the_ratio_where_a_trace_begins_inside(double ratio, SamplingDecision expected) =>
        Assert.Equal(expected, new IngressSampler(ratio).ShouldSample(
            new SamplingParameters(default, ActivityTraceId.CreateRandom(), "task.submit", ActivityKind.Producer)).Decision);

    [Fact]
    public void Decides_alike_on_every_node()
    {
        var id = ActivityTraceId.CreateRandom();
        var parameters = new SamplingParameters(default, id, "POST /v1", ActivityKind.Server);
        Assert.Equal(new IngressSampler(0.5).ShouldSample(parameters).Decision, new IngressSampler(0.5).ShouldSample(parameters).Decision);
    }

    private static SamplingDecision Ask(double ratio, ActivityTraceFlags flags, ActivityKind kind)
    {
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, null, isRemote: true);
        return new IngressSampler(ratio).ShouldSample(new SamplingParameters(parent, parent.TraceId, "a span", kind)).Decision;
    }
}
