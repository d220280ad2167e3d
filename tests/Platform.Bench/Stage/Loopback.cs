using System.Net;
using System.Net.Sockets;

namespace Platform.Bench.Stage;

/// <summary>Free ports on 127.0.0.1.</summary>
internal static class Loopback
{
    /// <summary>Different ports, all free a moment ago: they are held open together, else the system may hand out one twice.</summary>
    public static int[] FindFreePorts(int count)
    {
        var listeners = new List<TcpListener>(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listeners.Add(listener);
                listener.Start();
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
