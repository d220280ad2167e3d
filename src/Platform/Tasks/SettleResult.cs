using Platform.Catalog;
using Platform.Delivery;

namespace Platform.Tasks;

/// <summary>Step 11 of the walk for one result of a claimed task, or for what came instead of it.</summary>
internal sealed partial class SettleResult(StoreAudio store, RetryPolicy policy, SettleTasks settle, ILogger<SettleResult> log)
{
    /// <summary>What the fence answers to an attempt that has lost its task.</summary>
    public const string Refused = "refused";

    /// <summary>The state that the task is in now, running while more results are to come; or <see cref="Refused"/>.</summary>
    public async Task<string> RunAsync(ClaimedTask task, HeldLease lease, Produced produced, bool isLast)
    {
        var settlement = SettlementOf(task, produced, isLast);
        if (settlement.NextState != TaskState.Running)
        {
            lease.Close();
        }

        if (await SettleAsync(settlement))
        {
            Count(task, produced, settlement.NextState);
            return settlement.NextState;
        }

        // Somebody else has the task now, or nobody needs it: what this attempt made must not stay behind.
        await DiscardAsync(produced);
        LogRefused(log, task.Attempt, task.TaskId);
        return Refused;
    }

    private async Task<bool> SettleAsync(Settlement settlement)
    {
        using var step = TaskTraces.Begin("task.settle");
        return await settle.SettleAsync(settlement);
    }

    private static void Count(ClaimedTask task, Produced produced, string state)
    {
        if (produced.Result is not null)
        {
            TaskMetrics.Charged(task.PricePerResult);
        }
        else if (state == TaskState.Failed)
        {
            TaskMetrics.Failed(task.Pool, produced.Error?.Code ?? ErrorCodes.InferenceError);
        }
    }

    /// <summary>Takes back what will not be handed over.</summary>
    public Task DiscardAsync(Produced produced) => produced.Result is { } result ? store.DiscardAsync(result.BlobKey) : Task.CompletedTask;

    private Settlement SettlementOf(ClaimedTask task, Produced produced, bool isLast) => produced switch
    {
        { Result: { } result } => Finished(task, result, isLast),
        { Error: { } error } => new Settlement
        {
            TaskId = task.TaskId,
            LeaseToken = task.LeaseToken,
            NextState = TaskState.Failed,
            Error = ItemJson.RenderError(error),
        },
        { Failure: { } failure } => policy.AfterFailure(task, failure),
        _ => RetryPolicy.Uncounted(task, produced.ComeAgain),
    };

    private static Settlement Finished(ClaimedTask task, FinishedResult result, bool isLast) => new()
    {
        TaskId = task.TaskId,
        LeaseToken = task.LeaseToken,
        NextState = isLast ? TaskState.Succeeded : TaskState.Running,
        Result = result,
        IsWhole = task.NumberResults == 1,
    };

    [LoggerMessage(
        EventId = 2202,
        Level = LogLevel.Information,
        Message = "Attempt {Attempt} of task {TaskId} was refused by the fence; what it made is deleted")]
    private static partial void LogRefused(ILogger log, int attempt, Guid taskId);
}
