using System.Buffers;
using System.Net.WebSockets;

namespace Platform.Api.Sockets;

/// <summary>What a client sent.</summary>
internal enum FrameKind
{
    Text,
    Binary,
    TooLarge,

    /// <summary>There is no room for so large a frame at the moment; its lease says why.</summary>
    NoRoom,
    Closed,
}

/// <summary>How large the next frame may be, and where it counts.</summary>
/// <param name="Room">Null where the limit is so small that it need not count.</param>
internal readonly record struct FrameTerms(int Limit, RoomLease? Room);

/// <summary>One whole message; its bytes only where it is text.</summary>
/// <param name="Room">To be released with the bytes.</param>
internal readonly record struct Frame(FrameKind Kind, ReadOnlyMemory<byte> Bytes = default, RoomLease? Room = null);

/// <summary>
/// Puts messages together within their limit. What is over it is read and thrown away, so that the socket stays usable; a message that
/// goes on for several limits ends the socket with 1009.
/// </summary>
/// <param name="terms">Asked when a frame begins: what a client may send depends on whether it is known by then.</param>
internal sealed class FrameReader(SocketWire wire, Func<FrameTerms> terms)
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
                return new Frame(FrameKind.Closed);
            }

            wire.BeginFrame();
            return first.EndOfMessage ? new Frame(KindOf(first.MessageType)) : await AssembleAsync(KindOf(first.MessageType), terms());
        }
        catch (Exception fault) when (SocketWire.IsGone(fault))
        {
            return new Frame(FrameKind.Closed);
        }
        finally
        {
            wire.EndFrame();
        }
    }

    private static FrameKind KindOf(WebSocketMessageType type) => type == WebSocketMessageType.Text ? FrameKind.Text : FrameKind.Binary;

    private async Task<Frame> AssembleAsync(FrameKind kind, FrameTerms terms)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        var frame = new Frame(FrameKind.Closed);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    if (length > terms.Limit)
                    {
                        return frame = await DrainAsync(new Frame(FrameKind.TooLarge), terms.Limit, buffer);
                    }

                    var larger = (int)Math.Min(2L * buffer.Length, terms.Limit + 1L);
                    if (terms.Room is { } room && !room.TryReach(larger))
                    {
                        return frame = await DrainAsync(new Frame(FrameKind.NoRoom, Room: room), terms.Limit, buffer);
                    }

                    buffer = Grow(buffer, larger);
                }

                var part = await wire.Socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                wire.Touch();
                length += part.Count;
                if (part.EndOfMessage)
                {
                    return frame = Whole(kind, buffer.AsSpan(0, length), terms);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (frame.Bytes.IsEmpty)
            {
                terms.Room?.Release();
            }
        }
    }

    private static Frame Whole(FrameKind kind, ReadOnlySpan<byte> bytes, FrameTerms terms)
    {
        if (bytes.Length > terms.Limit)
        {
            return new Frame(FrameKind.TooLarge);
        }

        return kind == FrameKind.Text ? new Frame(kind, bytes.ToArray(), terms.Room) : new Frame(kind);
    }

    private static byte[] Grow(byte[] buffer, int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(size);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private async Task<Frame> DrainAsync(Frame verdict, int limit, byte[] buffer)
    {
        var drained = 0L;
        while (true)
        {
            var part = await wire.Socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            wire.Touch();
            drained += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return new Frame(FrameKind.Closed);
            }

            if (part.EndOfMessage && !wire.IsClosing)
            {
                return verdict;
            }

            if (drained > (long)limit * LongestDrain && !wire.IsClosing)
            {
                // Reading goes on until the client has answered: closed with unread bytes, the connection would take the reason with it.
                await wire.CloseAsync(WebSocketCloseStatus.MessageTooBig, "The frame is too large.");
            }
        }
    }
}
