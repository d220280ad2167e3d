using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Platform.Telemetry;

/// <summary>
/// Decides at the door, by the trace's id alone: a customer's own <c>traceparent</c> is followed but its sampled flag is not, else each
/// customer could decide how much this platform exports. Behind the door all follow what was decided there and is stored with the task.
/// </summary>
internal sealed class IngressSampler(double ratio) : Sampler
{
    private readonly TraceIdRatioBasedSampler _door = new(ratio);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        if (parent.TraceId == default || samplingParameters.Kind == ActivityKind.Server)
        {
            return _door.ShouldSample(samplingParameters);
        }

        return new SamplingResult(parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? SamplingDecision.RecordAndSample
            : SamplingDecision.Drop);
    }
}
