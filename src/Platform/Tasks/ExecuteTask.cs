using System.Diagnostics;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Telemetry;

namespace Platform.Tasks;

/// <summary>
/// Steps 7 to 11 of the walk for one claimed task: makes each result that is still missing and settles it at once, so that what is
/// finished stays finished whatever happens to the rest.
/// </summary>
internal sealed partial class ExecuteTask(
    ReadTask read, ProduceResult produce, RetryPolicy policy, SettleTasks settle, ILogger<ExecuteTask> log)
{
    /// <summary>
    /// Runs the task until it is settled. A cancelled <paramref name="stop"/> means that the task is no longer ours: nothing is settled
    /// then, and <see cref="OperationCanceledException"/> comes out.
    /// </summary>
    public async Task RunAsync(ClaimedTask task, string pool, HeldLease lease, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        var (spec, reference, unusable) = await read.RunAsync(task, stop);
        if (unusable is not null)
        {
            lease.Close();
            await settle.SettleAsync(Failed(task, unusable));
            TaskMetrics.Failed(pool, unusable.Code);
            Finish(task, pool, TaskState.Failed, Stopwatch.GetElapsedTime(started));
            return;
        }

        var missing = Enumerable.Range(0, task.NumberResults).Select(static i => (short)i).Except(task.Finished).ToList();
        var end = TaskState.Running;
        foreach (var index in missing)
        {
            var produced = await produce.RunAsync(task, new PlannedResult(spec, pool, index) { Reference = reference }, stop);
            var settlement = SettlementOf(task, produced, isLast: index == missing[^1]);
            end = settlement.NextState;
            if (end != TaskState.Running)
            {
                lease.Close();
            }

            if (await SettleAsync(settlement))
            {
                Count(task, pool, produced, end);
            }
            else
            {
                // Somebody else has the task now, or nobody needs it: what this attempt made must not stay behind.
                await produce.DiscardAsync(produced);
                end = "refused";
                LogRefused(log, task.Attempt, task.TaskId);
            }

            if (end != TaskState.Running)
            {
                break;
            }
        }

        Finish(task, pool, end, Stopwatch.GetElapsedTime(started));
    }

    private async Task<bool> SettleAsync(Settlement settlement)
    {
        using var step = TaskTraces.Begin("task.settle");
        return await settle.SettleAsync(settlement);
    }

    private static void Count(ClaimedTask task, string pool, Produced produced, string end)
    {
        if (produced.Result is not null)
        {
            TaskMetrics.Charged(task.PricePerResult);
        }
        else if (end == TaskState.Failed)
        {
            TaskMetrics.Failed(pool, produced.Error?.Code ?? ErrorCodes.InferenceError);
        }
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

    private Settlement SettlementOf(ClaimedTask task, Produced produced, bool isLast) => produced switch
    {
        { Result: { } result } => Finished(task, result, isLast),
        { Error: { } error } => Failed(task, error),
        { Failure: { } failure } => policy.AfterFailure(task, failure),
        _ => RetryPolicy.AfterBrokenStore(task),
    };

    private static Settlement Finished(ClaimedTask task, FinishedResult result, bool isLast) => new()
    {
        TaskId = task.TaskId,
        LeaseToken = task.LeaseToken,
        NextState = isLast ? TaskState.Succeeded : TaskState.Running,
        Result = result,
        IsWhole = task.NumberResults == 1,
    };

    private static Settlement Failed(ClaimedTask task, TaskError error) => new()
    {
        TaskId = task.TaskId,
        LeaseToken = task.LeaseToken,
        NextState = TaskState.Failed,
        Error = ItemJson.RenderError(error),
    };

    [LoggerMessage(
        EventId = 2202,
        Level = LogLevel.Information,
        Message = "Attempt {Attempt} of task {TaskId} was refused by the fence; what it made is deleted")]
    private static partial void LogRefused(ILogger log, int attempt, Guid taskId);

    [LoggerMessage(
        EventId = 2201,
        Level = LogLevel.Debug,
        Message = "Attempt {Attempt} of task {TaskId} of tenant {TenantId} in pool {Pool} ended {State} after {Milliseconds:F1} ms")]
    private static partial void LogAttempt(
        ILogger log, Guid taskId, Guid tenantId, int attempt, string pool, string state, double milliseconds);
}
