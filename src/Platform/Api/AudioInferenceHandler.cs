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
        var shown = new HashSet<string>(StringComparer.Ordinal);
        Func<TaskOutcome, Task>? onProgress = call.HandOver is { } handOver ? outcome => HandOverAsync(handOver, outcome, shown) : null;
        var submission = await submit.RunAsync(call.Caller, call.Task, call.Sent.ReceivedAt, onProgress);
        call.Sent.Release();
        if (submission.Errors is { } errors)
        {
            // The one error of a submission that leaves open whether it was accepted.
            return TaskReply.Failed(errors) with { IsAccepted = errors[0].Code == ErrorCodes.InferenceError };
        }

        using var wait = submission.Wait;
        if (wait is null)
        {
            return TaskReply.Of(SmallItems.Acknowledgement(call.TaskType!, call.TaskUuid!)) with { IsAccepted = true };
        }

        if (await wait.OutcomeAsync() is not { } final)
        {
            return TaskReply.Failed(TimedOut) with { IsAccepted = true };
        }

        if (onProgress is not null)
        {
            await onProgress(final);
        }

        var (items, faults) = await audio.CompleteAsync(
            final with { Items = [.. final.Items.Where(item => !shown.Contains(item.BlobKey))] }, cancellation);
        return new TaskReply { Items = items, Errors = faults, IsAccepted = true };
    }

    // A result is known by its file: an attempt that follows a lost one may finish results in another order.
    private async Task HandOverAsync(HandOver handOver, TaskOutcome outcome, HashSet<string> shown)
    {
        foreach (var item in outcome.Items.Where(item => !shown.Contains(item.BlobKey)))
        {
            var isGone = false;
            await handOver(async () =>
            {
                // Why it cannot be shown is said with the rest of the reply.
                var (whole, error) = await audio.CompleteAsync(item, CancellationToken.None);
                isGone = error is not null;

                return whole;
            });
            if (!isGone)
            {
                shown.Add(item.BlobKey);
            }
        }
    }
}
