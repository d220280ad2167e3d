using System.Diagnostics;
using Platform.Telemetry;

namespace Platform.Tasks;

/// <summary>
/// Steps 7 to 11 of the walk for one claimed task: makes each result that is still missing and settles it at once, so that what is
/// finished stays finished whatever happens to the rest.
/// </summary>
internal sealed partial class ExecuteTask(ReadTask read, ProduceResult produce, HandOverResult hand, ILogger<ExecuteTask> log)
{
    /// <summary>
    /// Runs the task until it is settled. A cancelled <paramref name="stop"/> means that the task is no longer ours: nothing is settled
    /// then, and <see cref="OperationCanceledException"/> comes out.
    /// </summary>
    public async Task RunAsync(ClaimedTask task, WorkSlot slot, HeldLease lease, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        await using var line = new ResultLine(task, lease, hand, stop);
        await MakeAsync(task, slot, line, stop);

        // From here on it waits for its customer's server at most.
        slot.Free();
        await line.EndAsync();
        Finish(task, slot.Pool, line.State, Stopwatch.GetElapsedTime(started));
    }

    private void Finish(ClaimedTask task, string pool, string end, TimeSpan elapsed)
    {
        TaskMetrics.Attempted(task, pool, end, elapsed);
        var span = Activity.Current;
        span?.SetTag("platform.outcome", end);
        if (end == TaskState.Failed)
        {
            span.Fail("failed");
        }

        LogAttempt(log, task.TaskId, task.TenantId, task.Attempt, pool, end, elapsed.TotalMilliseconds);
    }

    // A method of its own, so that a recording to speak after is not held while a slow server takes its uploads.
    private async Task MakeAsync(ClaimedTask task, WorkSlot slot, ResultLine line, CancellationToken stop)
    {
        var readable = await read.RunAsync(task, stop);
        if (readable.Error is { } unusable)
        {
            await line.AddAsync(new Produced { Error = unusable }, isLast: true);
            return;
        }

        if (readable.Spec.UploadEndpoint is { } endpoint && line.Open(endpoint) is { } comeAgain)
        {
            // Nothing is made that could not be handed over soon: it would have to be kept, or made twice.
            await line.AddAsync(new Produced { IsHandedBack = true, ComeAgain = comeAgain }, isLast: false);
            return;
        }

        var missing = Enumerable.Range(0, task.NumberResults).Select(static i => (short)i).Except(task.Finished).ToList();
        foreach (var index in missing)
        {
            var isLast = index == missing[^1];
            var plan = PlannedResult.Of(readable, slot.Pool, index) with { LastOf = isLast ? slot : null };
            var produced = await produce.RunAsync(task, plan, stop);
            await line.AddAsync(produced, isLast);
            if (produced.Result is null || line.State != TaskState.Running)
            {
                break;
            }
        }
    }

    [LoggerMessage(
        EventId = 2201,
        Level = LogLevel.Debug,
        Message = "Attempt {Attempt} of task {TaskId} of tenant {TenantId} in pool {Pool} ended {State} after {Milliseconds:F1} ms")]
    private static partial void LogAttempt(
        ILogger log, Guid taskId, Guid tenantId, int attempt, string pool, string state, double milliseconds);
}
