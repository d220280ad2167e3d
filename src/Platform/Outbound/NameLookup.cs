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
    // Each look-up blocks a thread of the pool until it ends, cancelled or not: slow names must not take all of them.
    private static readonly SemaphoreSlim Lookups = new(32);

    public static async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellation)
    {
        await Lookups.WaitAsync(cancellation);
        var lookup = Dns.GetHostAddressesAsync(host, CancellationToken.None);
        _ = lookup.ContinueWith(
            static _ => Lookups.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await lookup.WaitAsync(cancellation);
    }

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
