using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Platform.Tenants;

namespace Platform.Api;

/// <summary>One task object on its way to its handler.</summary>
/// <param name="Caller">Whose key came with it.</param>
/// <param name="Task">The object and its bytes as sent.</param>
internal sealed record TaskCall(Caller Caller, ParsedTask Task)
{
    /// <summary>Null where none was sent, or no string.</summary>
    public string? TaskType { get; } = TextOf(Task.Json, "taskType");

    /// <summary>The id as sent, for the reply: null where none was sent, or no string.</summary>
    public string? TaskUuid { get; } = TextOf(Task.Json, "taskUUID");

    private static string? TextOf(JObject task, string field) => task[field] is JValue { Value: string text } ? text : null;
}

/// <summary>Answers the tasks of one type.</summary>
internal delegate Task<TaskReply> TaskHandler(TaskCall call, CancellationToken cancellation);
