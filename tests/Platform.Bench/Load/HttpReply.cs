using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace Platform.Bench.Load;

/// <summary>How far a reply has been received.</summary>
internal enum ReplyState
{
    Incomplete,
    Complete,

    /// <summary>Not HTTP/1.1 as this client speaks it; the connection is of no further use.</summary>
    Broken,
}

/// <summary>
/// As much of an HTTP/1.1 reply as a load client needs: status, and where the body lies in the buffer. Knows <c>Content-Length</c> and
/// <c>chunked</c> (RFC 9112, sections 6 and 7.1) and allocates nothing.
/// </summary>
/// <param name="Length">How many bytes of the buffer the reply took.</param>
/// <param name="BodyStart">Where the body starts; a chunked one has been closed up in place.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HttpReply(ReplyState State, int Status, int Length, int BodyStart, int BodyLength)
{
    private static readonly HttpReply Incomplete = new(ReplyState.Incomplete, 0, 0, 0, 0);
    private static readonly HttpReply Broken = new(ReplyState.Broken, 0, 0, 0, 0);

    /// <summary>Reads one reply from the front of the buffer. An incomplete one leaves the buffer as it was.</summary>
    public static HttpReply Read(Span<byte> received)
    {
        var headEnd = received.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return Incomplete;
        }

        var head = received[..(headEnd + 2)];
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out var digits) || digits != 3)
        {
            return Broken;
        }

        var bodyStart = headEnd + 4;
        return FindHeader(head, "content-length"u8) is { IsEmpty: false } length
            ? ReadCounted(received.Length, status, bodyStart, length)
            : FindHeader(head, "transfer-encoding"u8).SequenceEqual("chunked"u8) ? ReadChunked(received, status, bodyStart) : Broken;
    }

    private static HttpReply ReadCounted(int received, int status, int bodyStart, ReadOnlySpan<byte> value)
    {
        if (!Utf8Parser.TryParse(value, out int length, out var digits) || digits != value.Length || length < 0)
        {
            return Broken;
        }

        return received < bodyStart + length ? Incomplete : new(ReplyState.Complete, status, bodyStart + length, bodyStart, length);
    }

    private static HttpReply ReadChunked(Span<byte> received, int status, int bodyStart)
    {
        // The first walk only measures: closing up a body that is not all there yet would spoil it for the next read.
        var length = WalkChunks(received, bodyStart, closeUp: false, out var end);
        if (length < 0)
        {
            return Broken;
        }

        if (end == 0)
        {
            return Incomplete;
        }

        WalkChunks(received, bodyStart, closeUp: true, out _);
        return new(ReplyState.Complete, status, end, bodyStart, length);
    }

    /// <summary>
    /// Gives the length of the body, or -1 when the framing is broken; <paramref name="end"/> is 0 while bytes are missing.
    /// </summary>
    private static int WalkChunks(Span<byte> received, int bodyStart, bool closeUp, out int end)
    {
        end = 0;
        var at = bodyStart;
        var length = 0;
        while (received[at..].IndexOf("\r\n"u8) is >= 0 and var lineLength)
        {
            if (!Utf8Parser.TryParse(received.Slice(at, lineLength), out int size, out _, 'x') || size < 0)
            {
                return -1;
            }

            var dataStart = at + lineLength + 2;
            if (received.Length < dataStart + size + 2)
            {
                return length;
            }

            if (!received.Slice(dataStart + size, 2).SequenceEqual("\r\n"u8))
            {
                return -1;
            }

            if (closeUp)
            {
                received.Slice(dataStart, size).CopyTo(received[(bodyStart + length)..]);
            }

            at = dataStart + size + 2;
            length += size;
            if (size == 0)
            {
                end = at;
                return length;
            }
        }

        return length;
    }

    private static ReadOnlySpan<byte> FindHeader(ReadOnlySpan<byte> head, ReadOnlySpan<byte> lowerName)
    {
        while (head.IndexOf("\r\n"u8) is >= 0 and var lineEnd)
        {
            var line = head[..lineEnd];
            if (line.Length > lowerName.Length && line[lowerName.Length] == ':'
                && Ascii.EqualsIgnoreCase(line[..lowerName.Length], lowerName))
            {
                var value = line[(lowerName.Length + 1)..];
                return value[Ascii.Trim(value)];
            }

            head = head[(lineEnd + 2)..];
        }

        return default;
    }
}
