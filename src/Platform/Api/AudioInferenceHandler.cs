using Platform.Catalog;
using Platform.Delivery;
using Platform.Tasks;

namespace Platform.Api;

/// <summary><c>audioInference</c>: submits, and for a synchronous caller hands over the result.</summary>
internal sealed class AudioInferenceHandler(SubmitTask submit, ItemAudio audio)
{
    private static readonly TaskError TimedOut = new(
        ErrorCodes.SyncTimeout, "The task was accepted and is still running. Fetch its result with getResponse; long texts are better sent async.");

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        var submission = await submit.RunAsync(call.Caller, call.Task);
        if (submission.Errors is { } errors)
        {
            return TaskReply.Failed(errors);
        }

        if (submission.IsAsync)
        {
            return TaskReply.Of(SmallItems.Acknowledgement(call.TaskType!, call.TaskUuid!));
        }

        return submission.Outcome is { } outcome ? await FinishedAsync(outcome, cancellation) : TaskReply.Failed(TimedOut);
    }

    private async Task<TaskReply> FinishedAsync(TaskOutcome outcome, CancellationToken cancellation)
    {
        var (items, errors) = await audio.CompleteAsync(outcome, cancellation);
        return new TaskReply { Items = items, Errors = errors };
    }
}
