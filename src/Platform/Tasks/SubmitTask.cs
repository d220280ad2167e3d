using Platform.Catalog;
using Platform.Delivery;
using Platform.Delivery.Sync;
using Platform.Delivery.Upload;
using Platform.Outbound;
using Platform.Tenants;

namespace Platform.Tasks;

/// <summary>What a submission came to: refused, or accepted, with a wait for a synchronous caller.</summary>
internal sealed record Submission
{
    /// <summary>Why nothing was accepted; then the other means nothing.</summary>
    public IReadOnlyList<TaskError>? Errors { get; init; }

    /// <summary>Ends with the final outcome; to be disposed. None where the caller asked for an acknowledgement only.</summary>
    public SyncWait? Wait { get; init; }
}

/// <summary>
/// Steps 2 to 5 of the walk. A synchronous caller's wait has begun when this returns and is left to the caller: nothing here must hold what
/// was sent until it ends.
/// </summary>
internal sealed class SubmitTask(
    PrepareTask prepare, OutboundGuard guard, KeepReference references, AcceptTasks accept, SyncWaiters waiters)
{
    private static readonly TaskError Unknown = new(
        ErrorCodes.InferenceError,
        "The database went away while the task was being accepted. Ask with getResponse: it was accepted if that knows its taskUUID.");

    /// <param name="receivedAt">Timestamp from which a synchronous caller's patience is counted.</param>
    /// <param name="onProgress">Told of finished results before the last one is, for a caller that takes each as it comes.</param>
    public async Task<Submission> RunAsync(
        Caller caller, ParsedTask parsed, long receivedAt, Func<TaskOutcome, Task>? onProgress = null)
    {
        using var span = TaskTraces.BeginSubmit();
        var (task, errors) = await prepare.RunAsync(caller, parsed);
        if (task is null)
        {
            return new Submission { Errors = errors };
        }

        TaskTraces.Describe(span, task);

        if (await FindRefusedUrlAsync(task) is { } refusedUrl)
        {
            return Refused(refusedUrl);
        }

        (task, var unusable) = await references.RunAsync(task);
        if (unusable is not null)
        {
            return Refused(unusable);
        }

        return task.Spec.IsAsync
            ? await AcceptAsync(task) is { } refused ? Refused(refused) : new Submission()
            : await AcceptAsync(task, waiters.Begin(task.TaskId, onProgress, receivedAt));
    }

    private async Task<Submission> AcceptAsync(NewTask task, SyncWait wait)
    {
        var isWaiting = false;
        try
        {
            if (await AcceptAsync(task) is { } refusal)
            {
                return Refused(refusal);
            }

            isWaiting = true;
            return new Submission { Wait = wait };
        }
        finally
        {
            if (!isWaiting)
            {
                wait.Dispose();
            }
        }
    }

    private static Submission Refused(TaskError error) => new() { Errors = [error] };

    // Refused before anything is accepted: later there would be nobody to tell.
    private async Task<TaskError?> FindRefusedUrlAsync(NewTask task) =>
        await FindRefusalAsync(task.TenantId, "webhookURL", task.Spec.WebhookUrl)
        ?? await FindRefusalAsync(
            task.TenantId, "uploadEndpoint", task.Spec.UploadEndpoint is { } endpoint ? UploadAddress.Fill(endpoint, 0, Guid.Empty) : null);

    private async Task<TaskError?> FindRefusalAsync(Guid tenantId, string parameter, string? url) =>
        url is not null && await guard.CheckAsync(url, tenantId) is { } refusal
            ? new TaskError(
                refusal.Fault == OutboundFault.Busy ? ErrorCodes.ServiceUnavailable : ErrorCodes.Invalid(parameter),
                $"'{parameter}' {refusal.Reason}.") { Parameter = parameter, Type = "string" }
            : null;

    private async Task<TaskError?> AcceptAsync(NewTask task)
    {
        using var step = TaskTraces.Begin("task.accept");
        try
        {
            var acceptance = await accept.AcceptAsync(task);
            if (acceptance != Acceptance.Accepted)
            {
                TaskMetrics.Refused(acceptance);
                await references.ForgetAsync(task);
            }

            return RefusedTask.ErrorOf(acceptance, task);
        }
        catch (AcceptanceUnknownException)
        {
            return Unknown;
        }
    }
}
