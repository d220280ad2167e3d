using Platform.Catalog;
using Platform.Delivery;
using Platform.Engines;

namespace Platform.Tasks;

/// <summary>
/// The edge around one claimed task: holds its lease, and turns whatever happens into a settlement or into silence after which the
/// rescue sweep takes over. Never throws.
/// </summary>
internal sealed partial class RunClaimed(
    ExecuteTask execute, LeaseKeeper leases, RetryPolicy policy, SettleTasks settle, ILogger<RunClaimed> log)
{
    /// <param name="task">A task that this process has just claimed.</param>
    /// <param name="slot">Its place at the engine of the pool that it was claimed from.</param>
    /// <param name="handBack">Cancelled when the process stops and waits no longer: the task then goes back to the pool.</param>
    public async Task RunAsync(ClaimedTask task, WorkSlot slot, CancellationToken handBack)
    {
        TaskMetrics.Claimed(task, slot.Pool);
        using var span = TaskTraces.BeginAttempt(task, slot.Pool);
        using var lease = leases.Hold(task);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(lease.Gone, handBack);
        try
        {
            await execute.RunAsync(task, slot, lease, either.Token);
        }
        catch (OperationCanceledException) when (handBack.IsCancellationRequested)
        {
            await TrySettleAsync(lease, Close(task, TaskState.Pending, error: null));
        }
        catch (OperationCanceledException)
        {
            // Cancelled by the customer, or past its deadline; the fence refuses this where somebody else has closed it already.
            await TrySettleAsync(lease, Close(task, TaskState.Expired, new TaskError(
                ErrorCodes.ProviderTimeout, "The task was not finished before its deadline. Nothing was charged for what is missing.")));
        }
#pragma warning disable CA1031 // A fault of ours must end this attempt, not the worker; the fifth one ends the task with a clear error.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogBroken(log, fault, task.TaskId, task.Attempt);
            await TrySettleAsync(lease, policy.AfterFailure(
                task, new EngineFailure("run", "fault", "The task could not be run because of an internal fault.", RetryHelps: true)));
        }
    }

    private static Settlement Close(ClaimedTask task, string state, TaskError? error) => new()
    {
        TaskId = task.TaskId,
        LeaseToken = task.LeaseToken,
        NextState = state,
        Error = error is null ? null : ItemJson.RenderError(error),
    };

    private async Task TrySettleAsync(HeldLease lease, Settlement settlement)
    {
        lease.Close();
        try
        {
            await settle.SettleAsync(settlement);
        }
#pragma warning disable CA1031 // The lease runs out and the rescue sweep settles it: that is what the lease is for.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogLeft(log, settlement.TaskId, fault.Message);
        }
    }

    [LoggerMessage(EventId = 2501, Level = LogLevel.Error, Message = "Attempt {Attempt} of task {TaskId} met a fault of ours")]
    private static partial void LogBroken(ILogger log, Exception fault, Guid taskId, int attempt);

    [LoggerMessage(EventId = 2502, Level = LogLevel.Error, Message = "Task {TaskId} is left to the rescue sweep: {Reason}")]
    private static partial void LogLeft(ILogger log, Guid taskId, string reason);
}
