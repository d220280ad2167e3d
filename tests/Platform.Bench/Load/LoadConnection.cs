using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Platform.Bench.Load;

/// <summary>What came of looking at a connection that has something to read.</summary>
internal enum Received
{
    /// <summary>The reply is not all there yet.</summary>
    Nothing,
    Answered,

    /// <summary>A whole reply, but not the success that was asked for.</summary>
    Refused,

    /// <summary>The connection is gone or out of step.</summary>
    Lost,
}

/// <summary>
/// One keep-alive connection with at most one request under way. Allocates only when it is opened, or when a reply outgrows its buffer.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket socket;
    private readonly byte[] request;
    private readonly int uuidStart;
    private readonly Random random = new(BitConverter.ToInt32(RandomNumberGenerator.GetBytes(4)));
    private byte[] buffer = new byte[8192];
    private int filled;

    public LoadConnection(IPEndPoint server, RequestTemplate template)
    {
        request = template.Copy();
        uuidStart = template.UuidStart;
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server);
        socket.Blocking = false;
    }

    public int Handle => (int)socket.SafeHandle.DangerousGetHandle();

    /// <summary>
    /// When the request under way was due, in <see cref="System.Diagnostics.Stopwatch"/> ticks: latency is counted from here, even if it
    /// was sent later.
    /// </summary>
    public long DueAt { get; private set; }

    public bool IsBusy { get; private set; }

    /// <summary>What the last refused reply said, for the report.</summary>
    public string LastFault { get; private set; } = "";

    /// <summary>Sends the next task. False when the connection is gone.</summary>
    public bool Send(long dueAt)
    {
        RequestTemplate.WriteUuid(request.AsSpan(uuidStart, RequestTemplate.UuidLength), random);
        DueAt = dueAt;
        IsBusy = true;
        filled = 0;
        var sent = socket.Send(request, SocketFlags.None, out var error);
        LastFault = error == SocketError.Success ? LastFault : $"send: {error}";
        return error == SocketError.Success && sent == request.Length;
    }

    public Received Receive()
    {
        var count = socket.Receive(buffer.AsSpan(filled), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
        {
            return Received.Nothing;
        }

        if (error != SocketError.Success || count == 0 || !IsBusy)
        {
            LastFault = error == SocketError.Success ? "closed by the server" : $"receive: {error}";
            return Received.Lost;
        }

        filled += count;
        return Judge(HttpReply.Read(buffer.AsSpan(0, filled)));
    }

    public void Dispose() => socket.Dispose();

    private Received Judge(HttpReply reply)
    {
        if (reply.State == ReplyState.Incomplete)
        {
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 4);
            }

            return Received.Nothing;
        }

        if (reply.State == ReplyState.Broken || reply.Length != filled)
        {
            LastFault = "not a reply of HTTP/1.1";
            return Received.Lost;
        }

        IsBusy = false;
        var body = buffer.AsSpan(reply.BodyStart, reply.BodyLength);
        var uuid = request.AsSpan(uuidStart, RequestTemplate.UuidLength);
        if (reply.Status == 200 && body.IndexOf("\"data\""u8) >= 0 && body.IndexOf(uuid) >= 0)
        {
            return Received.Answered;
        }

        LastFault = $"HTTP {reply.Status}: {System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, 300)])}";
        return Received.Refused;
    }
}
