using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Platform.Bench.Webhooks;

/// <summary>What a receiver of the bench does with a request.</summary>
internal enum Manner
{
    Answers,
    Fails,
    Hangs,
}

/// <summary>
/// Receivers on loopback, each on a port of its own. They read as little as they need, because the two cores that they run on are those
/// that are measured.
/// </summary>
internal sealed class WebhookReceivers : IDisposable
{
    private static readonly byte[] Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
    private static readonly byte[] Broken = "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    private readonly List<(TcpListener Listener, Manner Manner)> all = [];
    private readonly CancellationTokenSource stop = new();

    public WebhookReceivers(int count, int failing, int hanging)
    {
        for (var i = 0; i < count; i++)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start(512);
            var manner = i < failing ? Manner.Fails : i < failing + hanging ? Manner.Hangs : Manner.Answers;
            all.Add((listener, manner));
            _ = AcceptAsync(listener, manner);
        }
    }

    /// <summary>By id, when each request came, in timestamps of the stopwatch.</summary>
    public Dictionary<Guid, List<long>> Arrivals { get; } = [];

    public IReadOnlyList<(string Url, Manner Manner)> Urls =>
        [.. all.Select(one => ($"http://{one.Listener.LocalEndpoint}/hook", one.Manner))];

    public void Dispose()
    {
        stop.Cancel();
        all.ForEach(static one => one.Listener.Dispose());
        stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, Manner manner)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptSocketAsync(stop.Token), manner);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run is over.
            return;
        }
    }

    private async Task ServeAsync(Socket socket, Manner manner)
    {
        var buffer = new byte[8192];
        var filled = 0;
        try
        {
            using (socket)
            {
                int count;
                while ((count = await socket.ReceiveAsync(buffer.AsMemory(filled), stop.Token)) > 0)
                {
                    filled += count;
                    if (!TryTake(buffer.AsSpan(0, filled), out var id))
                    {
                        continue;
                    }

                    filled = 0;
                    Note(id);
                    if (manner != Manner.Hangs)
                    {
                        await socket.SendAsync(manner == Manner.Answers ? Ok : Broken, stop.Token);
                    }
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The sender gave up, as it does with those that hang.
            return;
        }
    }

    private void Note(Guid id)
    {
        var now = Stopwatch.GetTimestamp();
        lock (Arrivals)
        {
            if (!Arrivals.TryGetValue(id, out var times))
            {
                Arrivals[id] = times = new List<long>(1);
            }

            times.Add(now);
        }
    }

    /// <summary>Whether a whole request is there; the sender never has two on their way.</summary>
    private static bool TryTake(ReadOnlySpan<byte> bytes, out Guid id)
    {
        id = default;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var head = Encoding.ASCII.GetString(bytes[..end]);
        id = Guid.ParseExact(ValueOf(head, "webhook-id: msg_").AsSpan(0, 32), "N");
        return bytes.Length >= end + 4 + int.Parse(ValueOf(head, "Content-Length: "));
    }

    private static string ValueOf(string head, string name)
    {
        var start = head.IndexOf(name, StringComparison.OrdinalIgnoreCase) + name.Length;
        var end = head.IndexOf('\r', start);
        return end < 0 ? head[start..] : head[start..end];
    }
}
