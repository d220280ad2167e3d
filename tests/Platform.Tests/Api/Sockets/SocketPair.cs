using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Platform.Api.Sockets;
using Xunit;

namespace Platform.Tests.Api.Sockets;

/// <summary>Two ends of a WebSocket over a loopback connection, without a handshake or a server around them.</summary>
internal sealed class SocketPair : IDisposable
{
    private readonly TcpClient client;
    private readonly TcpClient server;

    private SocketPair(TcpClient client, TcpClient server, TimeProvider time, SocketOptions options)
    {
        (this.client, this.server) = (client, server);
        Client = WebSocket.CreateFromStream(client.GetStream(), isServer: false, null, TimeSpan.Zero);
        Wire = new SocketWire(WebSocket.CreateFromStream(server.GetStream(), isServer: true, null, TimeSpan.Zero), time, options);
    }

    public WebSocket Client { get; }

    /// <summary>The platform's end.</summary>
    public SocketWire Wire { get; }

    /// <summary>The bare connection of the client, for what no WebSocket would send.</summary>
    public NetworkStream Raw => client.GetStream();

    public static async Task<SocketPair> OpenAsync(TimeProvider? time = null, SocketOptions? options = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new TcpClient { ReceiveBufferSize = 64 * 1024 };
        var accepting = listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        var far = await accepting;
        far.SendBufferSize = 64 * 1024;
        return new SocketPair(near, far, time ?? TimeProvider.System, options ?? new SocketOptions());
    }

    public Task SendAsync(byte[] bytes, bool isWhole = true, WebSocketMessageType type = WebSocketMessageType.Text) =>
        Client.SendAsync(bytes, type, isWhole, TestContext.Current.CancellationToken);

    /// <summary>The next message that the client gets; null for a close.</summary>
    public async Task<string?> ReceiveAsync()
    {
        using var whole = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (true)
        {
            var part = await Client.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken)
                .AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            whole.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return Encoding.UTF8.GetString(whole.ToArray());
            }
        }
    }

    public void Break() => client.Client.Close(0);

    public void Dispose()
    {
        Client.Dispose();
        Wire.Dispose();
        client.Dispose();
        server.Dispose();
    }
}
