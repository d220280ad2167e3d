using System.Net;
using System.Net.Sockets;
using Npgsql;
using Xunit;

namespace Platform.Tests.Tasks;

/// <summary>
/// A way to the database that can be cut on the client's side alone: the server goes on with the statement that it was given, and
/// nobody is there to hear its answer.
/// </summary>
internal sealed class CutConnection : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> clients = [];
    private readonly List<Socket> servers = [];
    private readonly EndPoint target;

    public CutConnection(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        target = settings.Host!.StartsWith('/')
            ? new UnixDomainSocketEndPoint($"{settings.Host}/.s.PGSQL.{settings.Port}")
            : new DnsEndPoint(settings.Host, settings.Port);
        listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
        }.ConnectionString;
        _ = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>Breaks every connection there is, without a word to the server. New ones can be made.</summary>
    public void Cut()
    {
        lock (clients)
        {
            clients.ForEach(client => client.Close(timeout: 0));
            clients.Clear();
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        Cut();
        servers.ForEach(server => server.Dispose());
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptSocketAsync();
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }

            var server = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
            await server.ConnectAsync(target);
            lock (clients)
            {
                clients.Add(client);
                servers.Add(server);
            }

            _ = PumpAsync(client, server);
            _ = PumpAsync(server, client);
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count)
            {
                await to.SendAsync(buffer.AsMemory(0, count), TestContext.Current.CancellationToken);
            }
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other direction ends by itself.
            return;
        }
    }
}
