using System.Net;
using System.Net.Sockets;

namespace Platform.Outbound;

/// <summary>
/// Which addresses belong to the public internet. After the special-purpose registries
/// https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry.
/// </summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] Closed =
    [
        .. Networks("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        .. Networks("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        .. Networks("224.0.0.0/4", "240.0.0.0/4"),
        // Public by its number, but inside Azure it is the host that hands out a machine's secrets.
        .. Networks("168.63.129.16/32"),
        // Inside global unicast: protocol assignments with Teredo, documentation, 6to4, and the abandoned test network 3ffe.
        .. Networks("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20"),
    ];

    // Everything outside of it is local, multicast, mapped, or not given out yet.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    // Translated networks reach the IPv4 internet through this prefix, so what counts is the address within (RFC 6052).
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool Contains(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !Closed.Any(network => network.Contains(address));
        }

        if (Nat64.Contains(address))
        {
            return Contains(new IPAddress(address.GetAddressBytes().AsSpan(12)));
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            && address.ScopeId == 0
            && GlobalUnicast.Contains(address)
            && !Closed.Any(network => network.Contains(address));
    }

    private static IEnumerable<IPNetwork> Networks(params string[] networks) => networks.Select(static text => IPNetwork.Parse(text));
}
