using Platform.Catalog;
using Platform.Delivery;

namespace Platform.Api;

/// <summary>The answer to one task: items, errors, or both.</summary>
internal sealed record TaskReply
{
    /// <summary>Rendered JSON objects, UTF-8.</summary>
    public IReadOnlyList<ReplyText> Items { get; init; } = [];

    public IReadOnlyList<TaskError> Errors { get; init; } = [];

    /// <summary>
    /// The type of the task that a poll found: its errors show that type instead of the poll's, and <c>status: "error"</c>.
    /// </summary>
    public string? PolledType { get; init; }

    /// <summary>The task was accepted, whatever came of it: its errors must not make a client send it again.</summary>
    public bool IsAccepted { get; init; }

    public static TaskReply Of(ReplyText item) => new() { Items = [item] };

    public static TaskReply Failed(params IReadOnlyList<TaskError> errors) => new() { Errors = errors };
}
