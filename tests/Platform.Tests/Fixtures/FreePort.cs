using Platform.Bench.Stage;

namespace Platform.Tests.Fixtures;

/// <summary>Loopback TCP ports that nobody listens on at this moment.</summary>
internal static class FreePort
{
    public static int One() => Several(1)[0];

    public static int[] Several(int count) => Loopback.FindFreePorts(count);
}
