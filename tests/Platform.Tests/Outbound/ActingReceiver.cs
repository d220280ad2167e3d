using System.Net;
using System.Net.Sockets;

namespace Platform.Tests.Outbound;

/// <summary>A loopback server that does to each connection what the test says, from the moment it is there.</summary>
internal sealed class ActingReceiver : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<NetworkStream, CancellationToken, Task> act;
    private readonly Task serving;
    private int connections;

    public ActingReceiver(Func<NetworkStream, CancellationToken, Task> act)
    {
        this.act = act;
        listener.Start();
        serving = ServeAsync();
    }

    public string Url => $"http://{listener.LocalEndpoint}/hook?key=1";

    public int Connections => connections;

    /// <summary>Sends what it is given a byte at a time, so that something always comes before anybody's patience with silence ends.</summary>
    public static async Task DripAsync(NetworkStream stream, IEnumerable<byte> bytes, CancellationToken stop)
    {
        foreach (var one in bytes)
        {
            await stream.WriteAsync(new[] { one }, stop);
            await Task.Delay(TimeSpan.FromMilliseconds(20), stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stop.Token);
                connections++;
                open.Add(ServeAsync(socket));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await act(stream, stop.Token);
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // The sender gave up, as it should.
            return;
        }
    }
}
