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

    private readonly IPNetwork[] _allowed;
    private readonly HashSet<int> _ports;
    private readonly TimeSpan _patience;
    private readonly NameLookup _lookup;
    private readonly TimeProvider _time;

    public OutboundGuard(IOptions<OutboundOptions> options, NameLookup lookup, TimeProvider time)
    {
        _allowed = [.. options.Value.AllowedNetworks.Where(static text => text != OutboundOptions.NoNetwork).Select(IPNetwork.Parse)];
        _ports = [80, 443, .. options.Value.ExtraPorts];
        _patience = TimeSpan.FromSeconds(options.Value.ResolveSeconds);
        _lookup = lookup;
        _time = time;
    }

    /// <summary>Null when the URL may be called, else why not. Sends nothing to the target; a name is looked up.</summary>
    public async Task<OutboundRefusal?> CheckAsync(string url, CancellationToken cancellation = default)
    {
        if (OutboundUrl.Parse(url, out var parsed) is { } refusal)
        {
            return refusal;
        }

        return (await ResolveAsync(parsed!.IdnHost, parsed.Port, cancellation)).Refusal;
    }

    /// <summary>The addresses of a host, looked up once and each allowed; or the reason, when any of them is not.</summary>
    public async Task<(IReadOnlyList<IPEndPoint> Addresses, OutboundRefusal? Refusal)> ResolveAsync(
        string host, int port, CancellationToken cancellation)
    {
        var addresses = await LookUpAsync(host.Trim('[', ']'), cancellation);
        if (addresses.Length == 0)
        {
            return ([], Unresolved);
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

    private async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }

        using var patience = new CancellationTokenSource(_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return await _lookup(host, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return [];
        }
        catch (Exception fault) when (fault is SocketException or ArgumentException)
        {
            // No such name, or one that cannot be a name at all.
            return [];
        }
    }
}
