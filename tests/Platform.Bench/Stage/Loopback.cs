using System.Net;
using System.Net.Sockets;

namespace Platform.Bench.Stage;

/// <summary>Free ports on 127.0.0.1.</summary>
internal static class Loopback
{
    // Below what Linux hands out to connections (from 32768 on): one of those could take a port before its server listens on it.
    private const int First = 10_000;
    private const int Range = 22_000;

    private static int _last = Random.Shared.Next(Range);

    /// <summary>Ports that nobody listens on; this process is given none of them a second time.</summary>
    public static int[] FindFreePorts(int count)
    {
        var ports = new List<int>(count);
        for (var tries = 0; ports.Count < count; tries++)
        {
            if (tries > Range)
            {
                throw new InvalidOperationException($"No port from {First} to {First + Range} is free.");
            }

            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Range);
            if (IsFree(port))
            {
                ports.Add(port);
            }
        }

        return [.. ports];
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
