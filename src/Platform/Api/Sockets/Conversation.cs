using System.Net.WebSockets;
using Newtonsoft.Json.Linq;
using Platform.Catalog;

namespace Platform.Api.Sockets;

/// <summary>How a socket stands with its client.</summary>
internal sealed class SocketState(SocketWire wire, TimeProvider time)
{
    private readonly long _openedAt = time.GetTimestamp();
    private long _refusedAt;

    public SocketWire Wire => wire;

    public long Now => time.GetTimestamp();

    /// <summary>Null until the first authentication succeeded.</summary>
    public SocketMember? Member { get; private set; }

    public TasksUnderWay UnderWay { get; } = new();

    public int Refusals { get; private set; }

    public TimeSpan Age => time.GetElapsedTime(_openedAt);

    /// <summary>Since the first key was refused; zero while none was, or after one was taken.</summary>
    public TimeSpan SinceRefusal => Refusals == 0 ? TimeSpan.Zero : time.GetElapsedTime(_refusedAt);

    public void Admit(SocketMember member) => (Member, Refusals) = (member, 0);

    public void Refuse()
    {
        if (Refusals++ == 0)
        {
            _refusedAt = time.GetTimestamp();
        }
    }
}

/// <summary>
/// What is said over one socket. Frames are taken one after the other until the client is known; after that each task runs on its own and
/// only authentication and ping are answered at once.
/// </summary>
internal sealed class Conversation(SocketState state, FrameReader reader, Handshake handshake, SocketTasks tasks, FrameLimits limits)
{
    private const int MostRefusals = 5;

    private SocketWire Wire => state.Wire;

    /// <summary>Until one of both ends the socket.</summary>
    public async Task RunAsync()
    {
        while (await TakeAsync())
        {
        }

        // The answer to the client's own close frame; nothing where ours went first, or where the socket broke.
        await Wire.CloseAsync(WebSocketCloseStatus.NormalClosure, "");
    }

    // A method for each frame, so that a socket that waits for the next one does not hold the last.
    private async Task<bool> TakeAsync()
    {
        var frame = await reader.ReadAsync();
        if (frame.Kind == FrameKind.Closed)
        {
            return false;
        }

        Wire.Touch();
        await HandleAsync(frame);
        return true;
    }

    private async Task HandleAsync(Frame frame)
    {
        var receivedAt = state.Now;
        var fault = frame.Kind switch
        {
            FrameKind.Text => null,
            FrameKind.TooLarge => limits.TooLarge(isKnown: state.Member is not null),
            FrameKind.NoRoom => frame.Room!.Refusal,
            _ => FrameLimits.Binary,
        };
        var parsed = fault is null ? StrictJson.Parse(frame.Bytes, limits.MaxTasks) : null;
        if (parsed is not { Succeeded: true })
        {
            frame.Room?.Release();
            await Wire.SendAsync(limits.Frames.OfFrame(fault ?? parsed!.Error!));
            return;
        }

        frame.Room?.Share(parsed.Tasks.Count);
        foreach (var task in parsed.Tasks)
        {
            await HandleAsync(new SentTask(task, receivedAt, frame.Room));
        }
    }

    private async Task HandleAsync(SentTask task)
    {
        switch (task.Subject.TaskType)
        {
            case RateGate.Ping:
                task.Release();
                await Wire.SendAsync(SocketFrames.Pong);
                break;
            case RateGate.Authentication:
                await AuthenticateAsync(task.Parsed.Json);
                task.Release();
                break;
            case var _ when state.Member is null:
                task.Release();
                await Wire.SendAsync(tasks.Unauthenticated(task));
                break;
            default:
                // A client that asks and does not read is not heard any further until it has read.
                await state.Member.Session.ReadyAsync(Wire);
                tasks.Start(state.Member, task, state.UnderWay);
                break;
        }
    }

    private async Task AuthenticateAsync(JObject task)
    {
        if (await handshake.RunAsync(Wire, task, state.Member) is { } member)
        {
            state.Admit(member);
            return;
        }

        state.Refuse();
        if (state.Refusals >= MostRefusals)
        {
            await Wire.CloseAsync(WebSocketCloseStatus.PolicyViolation, "Too many refused keys.");
        }
    }
}

/// <summary>What a frame may hold, and what is said about one that holds something else.</summary>
internal sealed class FrameLimits(SocketFrames frames, Microsoft.Extensions.Options.IOptions<ApiOptions> options)
{
    public static readonly TaskError Binary = new(ErrorCodes.InvalidJson, "Expected a text frame with an array of task objects.");

    private readonly TaskError _tooLarge =
        new(ErrorCodes.PayloadTooLarge, $"A frame may have at most {options.Value.MaxBodyBytes} bytes.");

    private readonly TaskError _tooLargeOfStranger = new(
        ErrorCodes.PayloadTooLarge,
        $"Before authentication a frame may have at most {options.Value.StrangerBytes} bytes. Send the authentication task in a frame of its own.");

    public SocketFrames Frames => frames;

    public int MaxTasks => options.Value.MaxTasks;

    public int MaxBytes => options.Value.MaxBodyBytes;

    public int StrangerBytes => options.Value.StrangerBytes;

    public TaskError TooLarge(bool isKnown) => isKnown ? _tooLarge : _tooLargeOfStranger;
}
