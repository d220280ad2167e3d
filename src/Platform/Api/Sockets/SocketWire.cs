using System.Net.WebSockets;
using Platform.Delivery;

namespace Platform.Api.Sockets;

/// <summary>
/// The sending half of a socket: one frame at a time, and none waits for ever for a client that does not read. Knows when it last carried
/// a frame.
/// </summary>
internal sealed class SocketWire(WebSocket socket, TimeProvider time, SocketOptions options) : IDisposable
{
    // Long frames go in pieces, so that patience is counted for a piece and a slow client is not taken for a dead one.
    private const int LargestPiece = 256 * 1024;
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TimeSpan _patience = TimeSpan.FromSeconds(options.SendSeconds);
    private long _lastFrame = time.GetTimestamp();
    private long _closeSent;
    private long _frameSince;

    public WebSocket Socket => socket;

    /// <summary>Since the last frame in either direction.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _lastFrame));

    /// <summary>How long the client has been at the frame that it is sending; zero while it is at none.</summary>
    public TimeSpan FrameAge => Volatile.Read(ref _frameSince) is not 0 and var at ? time.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>The close frame went out long ago and the client has not answered it.</summary>
    public bool IsOverdue => Volatile.Read(ref _closeSent) is not 0 and var at && time.GetElapsedTime(at) > ClosePatience;

    public bool IsClosing => Volatile.Read(ref _closeSent) != 0;

    /// <summary>What the network or the other end can do to a socket at any time; anything else is a fault of ours.</summary>
    public static bool IsGone(Exception fault) =>
        fault is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    public void Touch() => Volatile.Write(ref _lastFrame, time.GetTimestamp());

    /// <summary>The client has begun to send a frame.</summary>
    public void BeginFrame()
    {
        Touch();
        Volatile.Write(ref _frameSince, Volatile.Read(ref _lastFrame));
    }

    public void EndFrame() => Volatile.Write(ref _frameSince, 0);

    /// <summary>
    /// False when the frame could not be handed to the network as a whole; the socket is done for then. True also where that will never be
    /// possible, since its audio is lost: sent over the next socket it would end that one too.
    /// </summary>
    public async Task<bool> SendAsync(ReplyText frame)
    {
        await _turn.WaitAsync();
        try
        {
            if (IsClosing || socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            {
                return false;
            }

            await frame.WriteAsync(SendAsync, CancellationToken.None);
            return true;
        }
        catch (ReplyLostException)
        {
            socket.Abort();
            return true;
        }
        catch (Exception fault) when (IsGone(fault))
        {
            socket.Abort();
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, bool isLast)
    {
        do
        {
            var piece = bytes[..Math.Min(bytes.Length, LargestPiece)];
            bytes = bytes[piece.Length..];
            using var patience = new CancellationTokenSource(_patience, time);
            await socket.SendAsync(piece, WebSocketMessageType.Text, isLast && bytes.IsEmpty, patience.Token);
            Touch();
        }
        while (!bytes.IsEmpty);
    }

    /// <summary>Sends the close frame. The reading half ends when the client answers, or is aborted when it does not.</summary>
    public async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        if (!await _turn.WaitAsync(ClosePatience, CancellationToken.None))
        {
            socket.Abort();
            return;
        }

        try
        {
            if (Interlocked.CompareExchange(ref _closeSent, time.GetTimestamp(), 0) != 0)
            {
                return;
            }

            using var patience = new CancellationTokenSource(ClosePatience, time);
            await socket.CloseOutputAsync(status, reason, patience.Token);
        }
        catch (Exception fault) when (IsGone(fault))
        {
            socket.Abort();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Abort() => socket.Abort();

    // The semaphore's wait handle is never asked for, so it holds nothing that would have to be given back while others may wait.
    public void Dispose() => socket.Dispose();
}
