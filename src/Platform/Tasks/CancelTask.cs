using Platform.Catalog;
using Platform.Delivery;
using Platform.Persistence;

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
internal sealed class CancelTask(ReadOutcomes outcomes, SettleTasks settle, Database database)
{
    private static readonly byte[] Reason = ItemJson.RenderError(new TaskError(
        ErrorCodes.TaskCancelled, "The task was cancelled. Nothing was charged for what was not finished."));

    private static readonly byte[] Stopped = ItemJson.RenderError(new TaskError(
        ErrorCodes.TaskCancelled, "The task was cancelled by the operator. Nothing was charged for what was not finished."));

    /// <summary>The same at an operator's word, audited when it took effect.</summary>
    public async Task<Cancellation> RunByOperatorAsync(InspectedTask task, string actor, CancellationToken cancellation)
    {
        if (!await settle.SettleAsync(new Settlement { TaskId = task.TaskId, NextState = TaskState.Cancelled, Error = Stopped }))
        {
            return Cancellation.AlreadyFinished;
        }

        await using var audit = database.Durable.CreateCommand(
            "insert into audit_log (actor, action, tenant_id, subject) values ($1, 'task.cancel', $2, $3)");
        audit.Add(actor);
        audit.Add(task.TenantId);
        audit.Add(task.TaskId.ToString());
        await audit.ExecuteNonQueryAsync(cancellation);
        return Cancellation.Cancelled;
    }

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
