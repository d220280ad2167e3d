using Platform.Catalog;

namespace Platform.Tasks;

/// <summary>What a customer is told of a task that was not accepted, whoever found it out first.</summary>
internal static class RefusedTask
{
    // Nobody knows when a task will end; this keeps a patient client from asking all the time.
    private const int FullForSeconds = 5;

    /// <summary>Null where it was accepted.</summary>
    public static TaskError? ErrorOf(Acceptance acceptance, NewTask task) => acceptance switch
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
            $"The task needs {task.PricePerResult * task.Spec.NumberResults / 1_000_000m} USD, which the account does not have available. "
            + "GET /v1/balance shows what it has; add credit with POST /v1/topups, or ask your operator to."),
    };
}
