using System.Net;
using System.Net.Sockets;

namespace Platform.Outbound;

/// <summary>Looks up all addresses of a host name; none, or a <see cref="SocketException"/>, when it has none.</summary>
internal delegate Task<IPAddress[]> NameLookup(string host, CancellationToken cancellation);

/// <summary>Opens a connection to an address that was checked.</summary>
internal delegate ValueTask<Stream> Connect(IPEndPoint address, CancellationToken cancellation);

/// <summary>The two as the operating system does them.</summary>
internal static class SystemNetwork
{
    /// <summary>Ends when the system is done, and not before: the thread is taken until then.</summary>
#pragma warning disable CA1801, IDE0060 // A delegate's shape.
    public static Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellation) => Dns.GetHostAddressesAsync(host, CancellationToken.None);
#pragma warning restore CA1801, IDE0060

    public static async ValueTask<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
