using Platform.Catalog;
using Platform.Delivery;
using Platform.Tenants;

namespace Platform.Api;

/// <summary>One task object on its way to its handler.</summary>
/// <param name="Caller">Whose key came with it.</param>
/// <param name="Sent">The object and its bytes as sent.</param>
internal sealed record TaskCall(Caller Caller, SentTask Sent)
{
    public ParsedTask Task => Sent.Parsed;

    public ErrorSubject Subject => Sent.Subject;

    public string? TaskType => Subject.TaskType;

    public string? TaskUuid => Subject.TaskUuid;

    /// <summary>Takes each finished result as it comes; none where the transport has one reply for all.</summary>
    public HandOver? HandOver { get; init; }

    /// <summary>Shared by the calls whose answers go out together; none where an answer goes out by itself.</summary>
    public DetailsRoom? Details { get; init; }
}

/// <summary>
/// Hands a finished result over as soon as there is room for it; the item is only made then. It answers null when its audio is gone.
/// </summary>
internal delegate Task HandOver(Func<Task<ReplyText?>> render);

/// <summary>Answers the tasks of one type.</summary>
internal delegate Task<TaskReply> TaskHandler(TaskCall call, CancellationToken cancellation);
