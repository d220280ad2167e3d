using Platform.Catalog;

namespace Platform.Api;

/// <summary>The task that a <c>getResponse</c> or <c>cancelTask</c> asks about.</summary>
internal static class PollTarget
{
    public static readonly TaskError NotFound = new(ErrorCodes.TaskNotFound, "There is no such task of yours in the last 30 days.");

    /// <summary>Null where a usable <c>taskUUID</c> was sent, else what is wrong with it.</summary>
    public static TaskError? Read(TaskCall call, out Guid taskUuid)
    {
        if (TaskUuid.TryParse(call.TaskUuid, out taskUuid))
        {
            return null;
        }

        return call.Task.Json.ContainsKey("taskUUID")
            ? new TaskError(ErrorCodes.InvalidTaskUUID, "'taskUUID' must be a UUID of version 4.") { Parameter = "taskUUID", Type = "string" }
            : new TaskError(ErrorCodes.Missing("taskUUID"), "'taskUUID' is required.") { Parameter = "taskUUID", Type = "string" };
    }
}
