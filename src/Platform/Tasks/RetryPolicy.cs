using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Engines;

namespace Platform.Tasks;

/// <summary>
/// Decides what follows a failed attempt: another one after a growing wait, or the end. Used by the worker that saw the failure and by
/// the rescue sweep that found a dead worker's task, so that both count alike.
/// </summary>
internal sealed class RetryPolicy(IOptions<TasksOptions> options)
{
    // A worker claims nothing while its engines are away, so that a short wait costs nothing and begins again at once.
    private static readonly TimeSpan AfterAbsence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromSeconds(60);

    private readonly TasksOptions _options = options.Value;

    /// <summary>
    /// The settlement after a failure that the engine reported. Where the engine was away or busy, the task goes back to its pool without an
    /// error, so that the attempt does not count; it ends with its deadline at the latest.
    /// </summary>
    public Settlement AfterFailure(ClaimedTask task, EngineFailure failure) => failure.IsAbsence
        ? Uncounted(task, TimeSpan.FromTicks(Math.Min((failure.RetryAfter ?? AfterAbsence).Ticks, LongestAbsence.Ticks)))
        : After(
            task.TaskId,
            task.LeaseToken,
            task.Attempt,
            new TaskError(
                failure.Kind == FailureKind.ContentRefused ? ErrorCodes.ContentPolicyViolation : ErrorCodes.InferenceError, failure.Message),
            failure.RetryHelps);

    /// <summary>The settlement for a task whose worker fell silent.</summary>
    public Settlement AfterLostLease(Guid taskId, Guid leaseToken, int attempt) => After(
        taskId,
        leaseToken,
        attempt,
        new TaskError(
            ErrorCodes.InferenceError,
            $"The task was tried {attempt} times and its worker failed each time. Nothing was charged for what is missing."),
        retryHelps: true);

    /// <summary>
    /// The settlement of a task that could not be done through no fault of its own, because no store takes its result or its customer's server
    /// is busy: it goes back to its pool without an error, so that the attempt does not count, and ends with its deadline at the latest.
    /// </summary>
    public static Settlement Uncounted(ClaimedTask task, TimeSpan? delay = null) => new()
    {
        TaskId = task.TaskId,
        LeaseToken = task.LeaseToken,
        NextState = TaskState.Pending,
        Delay = delay ?? TimeSpan.FromSeconds(5),
    };

    private Settlement After(Guid taskId, Guid token, int attempt, TaskError error, bool retryHelps)
    {
        var again = retryHelps && attempt < _options.MaxAttempts;
        return new Settlement
        {
            TaskId = taskId,
            LeaseToken = token,
            NextState = again ? TaskState.Pending : TaskState.Failed,
            Error = ItemJson.RenderError(error),
            Delay = TimeSpan.FromSeconds(_options.RetryDelaySeconds * Math.Pow(2, attempt - 1)),
        };
    }
}
