using System.Net;
using System.Net.Sockets;

namespace Platform.Tests.Fixtures;

/// <summary>Loopback TCP ports that nobody listens on at this moment.</summary>
internal static class FreePort
{
    public static int One() => Several(1)[0];

    /// <summary>All held at once, so that no number comes twice.</summary>
    public static int[] Several(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            listeners.ForEach(listener => listener.Start());
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
