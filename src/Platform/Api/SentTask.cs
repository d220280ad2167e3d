using Platform.Catalog;

namespace Platform.Api;

/// <summary>
/// A task object as it came, until it is let go. Whoever waits for a result for most of a minute keeps what the answer needs, and not the
/// megabytes that were sent.
/// </summary>
/// <param name="receivedAt">Timestamp of the beginning of its request: what a synchronous caller's patience is counted from.</param>
/// <param name="room">What its body takes of the room for bodies, if it does.</param>
internal sealed class SentTask(ParsedTask task, long receivedAt, RoomLease? room = null)
{
    private ParsedTask? _task = task;

    /// <summary>What errors say of it: type and id as sent, each null where none was sent, or no string.</summary>
    public ErrorSubject Subject { get; } = ErrorSubject.Of(task.Json);

    public long ReceivedAt => receivedAt;

    /// <exception cref="InvalidOperationException">It was let go.</exception>
    public ParsedTask Parsed => _task ?? throw new InvalidOperationException("The task object was let go.");

    /// <summary>What was sent is not needed any more. May be repeated.</summary>
    public void Release()
    {
        if (_task is not null)
        {
            _task = null;
            room?.Release();
        }
    }
}
