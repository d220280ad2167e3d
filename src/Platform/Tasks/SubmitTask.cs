using Platform.Catalog;
using Platform.Delivery;
using Platform.Delivery.Sync;
using Platform.Delivery.Upload;
using Platform.Outbound;
using Platform.Tenants;

namespace Platform.Tasks;

/// <summary>What a submission came to: refused, finished, or accepted and going on.</summary>
internal sealed record Submission
{
    /// <summary>Why nothing was accepted; then the other two mean nothing.</summary>
    public IReadOnlyList<TaskError>? Errors { get; init; }

    /// <summary>The final outcome, for a synchronous caller that did not wait in vain.</summary>
    public TaskOutcome? Outcome { get; init; }

    /// <summary>The caller asked for an acknowledgement only.</summary>
    public bool IsAsync { get; init; }
}

/// <summary>Steps 2 to 5 of the walk and, for a synchronous caller, the wait for the result.</summary>
internal sealed class SubmitTask(
    PrepareTask prepare, OutboundGuard guard, KeepReference references, AcceptTasks accept, SyncWaiters waiters)
{
    // Nobody knows when a task will end; this keeps a patient client from asking all the time.
    private const int FullForSeconds = 5;

    private static readonly TaskError Unknown = new(
        ErrorCodes.InferenceError,
        "The database went away while the task was being accepted. Ask with getResponse: it was accepted if that knows its taskUUID.");

    /// <param name="onProgress">Told of finished results before the last one is, for a caller that takes each as it comes.</param>
    public async Task<Submission> RunAsync(Caller caller, ParsedTask parsed, Func<TaskOutcome, Task>? onProgress = null)
    {
        using var span = TaskTraces.BeginSubmit();
        var (task, errors) = prepare.Run(caller, parsed);
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

        if (task.Spec.IsAsync)
        {
            return await AcceptAsync(task) is { } refused ? Refused(refused) : new Submission { IsAsync = true };
        }

        using var wait = waiters.Begin(task.TaskId, onProgress);
        if (await AcceptAsync(task) is { } refusal)
        {
            return Refused(refusal);
        }

        using var reply = TaskTraces.Begin("task.reply");
        return new Submission { Outcome = await wait.OutcomeAsync() };
    }

    private static Submission Refused(TaskError error) => new() { Errors = [error] };

    // Refused before anything is accepted: later there would be nobody to tell.
    private async Task<TaskError?> FindRefusedUrlAsync(NewTask task) =>
        await FindRefusalAsync("webhookURL", task.Spec.WebhookUrl)
        ?? await FindRefusalAsync(
            "uploadEndpoint", task.Spec.UploadEndpoint is { } endpoint ? UploadAddress.Fill(endpoint, 0, Guid.Empty) : null);

    private async Task<TaskError?> FindRefusalAsync(string parameter, string? url) =>
        url is not null && await guard.CheckAsync(url) is { } refusal
            ? new TaskError(ErrorCodes.Invalid(parameter), $"'{parameter}' {refusal.Reason}.") { Parameter = parameter, Type = "string" }
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

            return acceptance switch
            {
                Acceptance.Accepted => null,
                Acceptance.Conflict => new TaskError(
                    ErrorCodes.ConflictTaskUUID, "This taskUUID was used before; every task needs a new one.") { Parameter = "taskUUID" },
                Acceptance.Full => new TaskError(
                    ErrorCodes.MaxConcurrentTasksReached,
                    $"The account has {task.MaxQueued} tasks that have not ended, which is as many as it may. Wait until some have.")
                {
                    RetryAfterSeconds = FullForSeconds,
                },
                _ => new TaskError(
                    ErrorCodes.InsufficientCredits,
                    $"The task needs {task.PricePerResult * task.Spec.NumberResults / 1_000_000m} USD, which the account does not have available."),
            };
        }
        catch (AcceptanceUnknownException)
        {
            return Unknown;
        }
    }
}
