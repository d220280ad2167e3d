using Platform.Catalog;
using Platform.Tasks;

namespace Platform.Api;

/// <summary><c>cancelTask</c>: stops what is not finished.</summary>
internal sealed class CancelTaskHandler(CancelTask cancel)
{
    private static readonly TaskError Finished = new(
        ErrorCodes.TaskAlreadyFinished, "The task had ended before; there was nothing left to cancel.");

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        if (PollTarget.Read(call, out var taskUuid) is { } error)
        {
            return TaskReply.Failed(error);
        }

        return await cancel.RunAsync(call.Caller.TenantId, taskUuid, cancellation) switch
        {
            Cancellation.Cancelled => TaskReply.Of(SmallItems.WithStatus(call.TaskType!, call.TaskUuid!, "cancelled")),
            Cancellation.AlreadyFinished => TaskReply.Failed(Finished),
            _ => TaskReply.Failed(PollTarget.NotFound),
        };
    }
}
