using Platform.Catalog;
using Platform.Tasks;

namespace Platform.Api;

/// <summary><c>cancelTask</c>: stops what is not finished.</summary>
internal sealed class CancelTaskHandler(TaskForms forms, CancelTask cancel)
{
    public const string TaskType = "cancelTask";

    private static readonly TaskError Finished = new(
        ErrorCodes.TaskAlreadyFinished, "The task had ended before; there was nothing left to cancel. Fetch its results with getResponse.");

    private readonly TaskForm _form = forms.Of(TaskType);

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        if (_form.Check(call.Task.Json) is { Count: > 0 } errors)
        {
            return TaskReply.Failed(errors);
        }

        return await cancel.RunAsync(call.Caller.TenantId, PollTarget.UuidOf(call), cancellation) switch
        {
            Cancellation.Cancelled => TaskReply.Of(SmallItems.WithStatus(call.TaskType!, call.TaskUuid!, "cancelled")),
            Cancellation.AlreadyFinished => TaskReply.Failed(Finished),
            _ => TaskReply.Failed(PollTarget.NotFound),
        };
    }
}
