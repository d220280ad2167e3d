using System.Buffers;
using System.Net.WebSockets;

namespace Platform.Api.Sockets;

/// <summary>What a client sent.</summary>
internal enum FrameKind
{
    Text,
    Binary,
    TooLarge,

    /// <summary>This process holds too many unfinished frames at the moment.</summary>
    NoRoom,
    Closed,
}

/// <summary>One whole message; its bytes only where it is text.</summary>
internal readonly record struct Frame(FrameKind Kind, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// Puts messages together within their limit. What is over it is read and thrown away, so that the socket stays usable; a message that
/// goes on for several limits ends the socket with 1009.
/// </summary>
internal sealed class FrameReader(SocketWire wire, FrameRoom room, int limit)
{
    private const int FirstBuffer = 4096;
    private const int LongestDrain = 4;

    /// <summary>The next message. Never throws for what the client or its network does: that is a close.</summary>
    public async Task<Frame> ReadAsync()
    {
        try
        {
            // Waits without a buffer: a thousand idle sockets hold none.
            var first = await wire.Socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (first.MessageType == WebSocketMessageType.Close)
            {
                return new Frame(FrameKind.Closed, default);
            }

            return first.EndOfMessage ? new Frame(KindOf(first.MessageType), default) : await AssembleAsync(KindOf(first.MessageType));
        }
        catch (Exception fault) when (SocketWire.IsGone(fault))
        {
            return new Frame(FrameKind.Closed, default);
        }
    }

    private static FrameKind KindOf(WebSocketMessageType type) => type == WebSocketMessageType.Text ? FrameKind.Text : FrameKind.Binary;

    private async Task<Frame> AssembleAsync(FrameKind kind)
    {
        var taken = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    if (length > limit)
                    {
                        return await DrainAsync(FrameKind.TooLarge, buffer);
                    }

                    var more = Math.Min(buffer.Length, limit + 1 - buffer.Length);
                    if (!room.TryTake(more))
                    {
                        return await DrainAsync(FrameKind.NoRoom, buffer);
                    }

                    taken += more;
                    buffer = Grow(buffer, more);
                }

                var part = await wire.Socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
                if (part.EndOfMessage)
                {
                    return length > limit
                        ? new Frame(FrameKind.TooLarge, default)
                        : new Frame(kind, kind == FrameKind.Text ? buffer.AsSpan(0, length).ToArray() : default);
                }
            }
        }
        finally
        {
            room.Give(taken);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer, int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length + more);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private async Task<Frame> DrainAsync(FrameKind kind, byte[] buffer)
    {
        var drained = 0L;
        while (true)
        {
            var part = await wire.Socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            drained += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return new Frame(FrameKind.Closed, default);
            }

            if (part.EndOfMessage && !wire.IsClosing)
            {
                return new Frame(kind, default);
            }

            if (drained > (long)limit * LongestDrain && !wire.IsClosing)
            {
                // Reading goes on until the client has answered: closed with unread bytes, the connection would take the reason with it.
                await wire.CloseAsync(WebSocketCloseStatus.MessageTooBig, "The frame is too large.");
            }
        }
    }
}

/// <summary>Bytes of unfinished frames that the process may hold: a crowd of senders must not fill the memory with halves.</summary>
internal sealed class FrameRoom(long bytes)
{
    private long _left = bytes;

    public bool TryTake(int wanted)
    {
        if (Interlocked.Add(ref _left, -wanted) >= 0)
        {
            return true;
        }

        Give(wanted);
        return false;
    }

    public void Give(int taken) => Interlocked.Add(ref _left, taken);
}
