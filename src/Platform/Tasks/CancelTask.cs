using Platform.Catalog;
using Platform.Delivery;

namespace Platform.Tasks;

/// <summary>What became of a wish to cancel.</summary>
internal enum Cancellation
{
    Cancelled,
    AlreadyFinished,
    NotFound,
}

/// <summary>
/// Stops a task that is not finished: what is missing is never made, its hold is released, finished results stay. The worker that
/// runs it learns of it at its next lease renewal, and the fence discards whatever it makes until then.
/// </summary>
internal sealed class CancelTask(ReadOutcomes outcomes, SettleTasks settle)
{
    private static readonly byte[] Reason = ItemJson.RenderError(new TaskError(
        ErrorCodes.TaskCancelled, "The task was cancelled. Nothing was charged for what was not finished."));

    public async Task<Cancellation> RunAsync(Guid tenantId, Guid taskUuid, CancellationToken cancellation)
    {
        var found = await outcomes.FindForTenantAsync(tenantId, taskUuid, cancellation);
        if (found is null)
        {
            return Cancellation.NotFound;
        }

        if (!found.IsFinal
            && await settle.SettleAsync(new Settlement { TaskId = found.TaskId, NextState = TaskState.Cancelled, Error = Reason }))
        {
            return Cancellation.Cancelled;
        }

        // Whoever asks again because the first answer was lost gets that answer again, and of two at once both are right.
        var now = found.IsFinal ? found : await outcomes.FindForTenantAsync(tenantId, taskUuid, cancellation);
        return now is { State: TaskState.Cancelled } ? Cancellation.Cancelled : Cancellation.AlreadyFinished;
    }
}
