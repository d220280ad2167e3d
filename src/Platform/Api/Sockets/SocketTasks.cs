using System.Diagnostics;
using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Delivery;

namespace Platform.Api.Sockets;

/// <summary>Who is at the other end of an authenticated socket.</summary>
/// <param name="Session">Where the answers go.</param>
/// <param name="Key">Looked up again for each task, so that a revoked one is of no use on an open socket either.</param>
/// <param name="KeyId">The same key, by which the sweep finds out.</param>
internal sealed record SocketMember(Session Session, string Key, Guid KeyId);

/// <summary>What the tasks of every socket need.</summary>
internal sealed partial class SocketTasks(
    Dispatcher dispatcher, Authenticate authenticate, SocketFrames frames, IOptions<SocketOptions> options, ILogger<SocketTasks> log)
{
    private static readonly TaskError Stopping = new(
        ErrorCodes.ServiceUnavailable, "This node is about to stop and takes no more tasks. Nothing was accepted; reconnect and try again.");

    private readonly TaskError _tooMany = new(
        ErrorCodes.MaxConcurrentTasksReached,
        $"A socket may have {options.Value.MaxTasksInFlight} tasks under way. Wait until some have finished, or send them async.");

    /// <summary>
    /// Begins one task and returns; everything that comes of it goes to the member's session, whether or not a socket is there.
    /// </summary>
    public void Start(SocketMember member, SentTask task, TasksUnderWay underWay)
    {
        if (underWay.IsStopping)
        {
            Refuse(member, task, Stopping);
        }
        else if (!underWay.TryEnter(options.Value.MaxTasksInFlight))
        {
            Refuse(member, task, _tooMany);
        }
        else
        {
            _ = RunAsync(member, task, underWay);
        }
    }

    /// <summary>The error of a task that came before its socket was authenticated.</summary>
    public ReadOnlyMemory<byte> Unauthenticated(SentTask task) => frames.OfTask(task.Subject, Authenticate.MissingOnSocket);

    private void Refuse(SocketMember member, SentTask task, TaskError error)
    {
        task.Release();
        member.Session.Put(frames.OfTask(task.Subject, error));
    }

    private async Task RunAsync(SocketMember member, SentTask task, TasksUnderWay underWay)
    {
        // The socket's own span lasts as long as the socket: each of its tasks begins a trace.
        Activity.Current = null;
        try
        {
            var (caller, refusal) = await authenticate.FindAsync(member.Key, CancellationToken.None);
            if (caller is null)
            {
                Refuse(member, task, refusal!);
                return;
            }

            var call = new TaskCall(caller, task);
            if (call.TaskType is "getResponse" or "getTaskDetails")
            {
                await ReadAsync(member.Session, call, underWay);
                return;
            }

            call = call with
            {
                HandOver = render => member.Session.PutAsync(
                    async () => await render() is { } item ? (ReplyText?)frames.OfItem(call, item) : null),
            };
            PutAll(member.Session, call, await dispatcher.HandleAsync(call, CancellationToken.None));
        }
#pragma warning disable CA1031 // Nobody awaits this task: a fault of ours would go unseen, and the other tasks of the socket go on.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogFault(log, fault);
        }
        finally
        {
            underWay.Exit();
        }
    }

    private async Task ReadAsync(Session session, TaskCall call, TasksUnderWay underWay)
    {
        await underWay.Reads.WaitAsync();
        try
        {
            if (await session.RoomAsync())
            {
                PutAll(session, call, await dispatcher.HandleAsync(call, CancellationToken.None));
            }
        }
        finally
        {
            underWay.Reads.Release();
        }
    }

    private void PutAll(Session session, TaskCall call, TaskReply reply)
    {
        foreach (var frame in frames.Of(call, reply))
        {
            session.Put(frame);
        }
    }

    [LoggerMessage(EventId = 3201, Level = LogLevel.Error, Message = "The answer to a task of a socket could not be given")]
    private static partial void LogFault(ILogger log, Exception fault);
}

/// <summary>How many tasks of one socket are under way, and the end of the last one.</summary>
internal sealed class TasksUnderWay
{
    // Answers that a client may ask for as large and as often as it likes are made a few at a time, and only while it takes them.
    private const int ReadsAtOnce = 4;

    private readonly Lock _gate = new();
    private int _count;
    private TaskCompletionSource? _none;

    public SemaphoreSlim Reads { get; } = new(ReadsAtOnce, ReadsAtOnce);

    public bool IsStopping { get; private set; }

    public bool TryEnter(int most)
    {
        lock (_gate)
        {
            if (_count >= most)
            {
                return false;
            }

            _count++;
            return true;
        }
    }

    public void Exit()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _none?.TrySetResult();
            }
        }
    }

    /// <summary>Lets no more in, and completes when those inside are done.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            IsStopping = true;
            _none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_count == 0)
            {
                _none.TrySetResult();
            }

            return _none.Task;
        }
    }
}
