using Platform.Catalog;

namespace Platform.Api;

/// <summary>The task that a <c>getResponse</c>, <c>getTaskDetails</c> or <c>cancelTask</c> asks about.</summary>
internal static class PollTarget
{
    public static readonly TaskError NotFound = new(ErrorCodes.TaskNotFound, "There is no such task of yours in the last 30 days.");

    /// <summary>The <c>taskUUID</c> of a call whose form was checked.</summary>
    public static Guid UuidOf(TaskCall call) => Guid.ParseExact(call.TaskUuid!, "D");
}
