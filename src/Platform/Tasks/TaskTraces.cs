using System.Diagnostics;
using Platform.Telemetry;

namespace Platform.Tasks;

/// <summary>The spans of one task, from the node that accepted it to the worker that ends it.</summary>
internal static class TaskTraces
{
    /// <summary>On the api node, around the checks and the transaction that accepts.</summary>
    public static Activity? BeginSubmit() => Traces.Source.StartActivity("task.submit", ActivityKind.Producer);

    public static void Describe(Activity? span, NewTask task)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("platform.task.id", task.TaskId);
            span.SetTag("platform.tenant.id", task.TenantId);
            span.SetTag("platform.pool", task.Pool);
            span.SetTag("platform.model", task.Spec.Model);
            span.SetTag("platform.results", task.Spec.NumberResults);
        }
    }

    /// <summary>On the worker, around one attempt. The wait before it, which nobody was there to time, becomes a span of its own.</summary>
    public static Activity? BeginAttempt(ClaimedTask task, string pool)
    {
        if (!Traces.Source.HasListeners())
        {
            return null;
        }

        var accepted = TraceStamp.Read(task.Trace);
        var attempt = Traces.Source.StartActivity("task.attempt", ActivityKind.Consumer, accepted);
        if (attempt is not { IsAllDataRequested: true })
        {
            return attempt;
        }

        attempt.SetTag("platform.task.id", task.TaskId);
        attempt.SetTag("platform.tenant.id", task.TenantId);
        attempt.SetTag("platform.pool", pool);
        attempt.SetTag("platform.attempt", task.Attempt);
        using var wait = Traces.Source.StartActivity(
            "task.wait", ActivityKind.Internal, accepted, [new("platform.pool", pool)], links: null,
            new DateTimeOffset(attempt.StartTimeUtc) - task.Waited);
        wait?.SetEndTime(attempt.StartTimeUtc);
        return attempt;
    }

    /// <summary>A step of an attempt.</summary>
    public static Activity? Begin(string step) => Traces.Source.StartActivity(step);
}
