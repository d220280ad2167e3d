using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Platform.Outbound;

/// <summary>
/// Says whether an address that a customer named may be called (contract, section 8). <see cref="CheckAsync"/> is for submission and only
/// looks up names; <see cref="ResolveAsync"/> is for the moment of connecting, so that a name that changes in between gains nothing.
/// </summary>
internal sealed class OutboundGuard
{
    private static readonly OutboundRefusal BadPort = new(OutboundFault.Port, "names a port that is not allowed");
    private static readonly OutboundRefusal Unresolved = new(OutboundFault.Unresolved, "names a host that has no public address");
    private static readonly OutboundRefusal Private = Unresolved with { Fault = OutboundFault.Address };

    private static readonly OutboundRefusal Busy = new(
        OutboundFault.Busy, "names a host that could not be looked up: too many names are at the moment. Nothing was accepted; try again");

    private readonly IPNetwork[] _allowed;
    private readonly HashSet<int> _ports;
    private readonly LookupPlaces _names;

    public OutboundGuard(IOptions<OutboundOptions> options, NameLookup lookup, TimeProvider time)
    {
        _allowed = [.. options.Value.AllowedNetworks.Where(static text => text != OutboundOptions.NoNetwork).Select(IPNetwork.Parse)];
        _ports = [80, 443, .. options.Value.ExtraPorts];
        _names = new LookupPlaces(lookup, TimeSpan.FromSeconds(options.Value.ResolveSeconds), time);
    }

    /// <summary>Null when the URL may be called, else why not. Sends nothing to the target; a name is looked up.</summary>
    /// <param name="tenantId">Whose look-up it is: a tenant has no more than its share of them.</param>
    public async Task<OutboundRefusal?> CheckAsync(string url, Guid tenantId, CancellationToken cancellation = default)
    {
        if (OutboundUrl.Parse(url, out var parsed) is { } refusal)
        {
            return refusal;
        }

        return (await ResolveAsync(parsed!.IdnHost, parsed.Port, tenantId, cancellation)).Refusal;
    }

    /// <summary>The addresses of a host, looked up once and each allowed; or the reason, when any of them is not.</summary>
    public async Task<(IReadOnlyList<IPEndPoint> Addresses, OutboundRefusal? Refusal)> ResolveAsync(
        string host, int port, Guid tenantId, CancellationToken cancellation)
    {
        var addresses = await LookUpAsync(host.Trim('[', ']'), tenantId, cancellation);
        if (addresses is null or [])
        {
            return ([], addresses is null ? Busy : Unresolved);
        }

        if (!addresses.All(address => IsAllowed(address) || PublicAddresses.Contains(address)))
        {
            return ([], Private);
        }

        return _ports.Contains(port) || addresses.All(IsAllowed)
            ? ([.. addresses.Select(address => new IPEndPoint(address, port))], null)
            : ([], BadPort);
    }

    // An IPv4-mapped address stays refused whatever is allowed: it would be a second spelling of everything.
    private bool IsAllowed(IPAddress address) =>
        !address.IsIPv4MappedToIPv6 && Array.Exists(_allowed, network => network.Contains(address));

    private async Task<IPAddress[]?> LookUpAsync(string host, Guid tenantId, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }

        try
        {
            return await _names.RunAsync(host, tenantId, cancellation);
        }
        catch (Exception fault) when (fault is SocketException or ArgumentException)
        {
            // No such name, or one that cannot be a name at all.
            return [];
        }
    }
}
