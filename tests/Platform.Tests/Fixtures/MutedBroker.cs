using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Platform.Tests.Fixtures;

/// <summary>Stands before a broker, passes everything on to it, and of its answers only the first frames: a broker that hangs.</summary>
internal sealed class MutedBroker : IDisposable
{
    // AMQP 0-9-1, section 2.3.5: type, channel and size before the payload, an end octet behind it.
    private const int Head = 7;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Uri broker;
    private readonly int frames;

    /// <param name="broker">The real one.</param>
    /// <param name="frames">Frames of its that come through on each connection.</param>
    public MutedBroker(Uri broker, int frames)
    {
        (this.broker, this.frames) = (broker, frames);
        listener.Start();
        _ = AcceptAsync();
    }

    public Uri Uri => new UriBuilder(broker) { Port = ((IPEndPoint)listener.LocalEndpoint).Port }.Uri;

    public void Dispose()
    {
        end.Cancel();
        listener.Dispose();
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(end.Token));
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        await far.ConnectAsync(IPAddress.Loopback, broker.Port, end.Token);
        var asking = near.GetStream().CopyToAsync(far.GetStream(), end.Token);
        var answering = AnswerAsync(far.GetStream(), near.GetStream());
        await Task.WhenAll(asking, answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AnswerAsync(NetworkStream from, NetworkStream to)
    {
        var head = new byte[Head];
        for (var passed = 0; passed < frames; passed++)
        {
            await from.ReadExactlyAsync(head, end.Token);
            var rest = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(3)) + 1];
            await from.ReadExactlyAsync(rest, end.Token);
            await to.WriteAsync(head, end.Token);
            await to.WriteAsync(rest, end.Token);
        }
    }
}
