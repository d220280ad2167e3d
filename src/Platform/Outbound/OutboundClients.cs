using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Platform.Outbound;

/// <summary>How much a call may cost us.</summary>
/// <param name="Total">From the first byte out to the last byte in, the body included.</param>
/// <param name="MaxResponseBytes">Of the answer's body; reading on throws <see cref="OutboundException"/>.</param>
internal sealed record OutboundLimits(TimeSpan Total, long MaxResponseBytes);

/// <summary>
/// Makes the only HTTP clients that may call a customer's address: each connection goes to an address that was looked up and checked just
/// then. What goes wrong on the way comes out as <see cref="HttpRequestException"/>, which <see cref="OutboundException"/> is too.
/// </summary>
internal sealed class OutboundClients(
    OutboundGuard guard, Connect connect, IOptions<OutboundOptions> options, TimeProvider time)
{
    /// <summary>For whom a request goes out; the platform itself where it is not set.</summary>
    public static readonly HttpRequestOptionsKey<Guid> Tenant = new("tenant");

    private const int MostAddresses = 4;

    // What is left of an answer is read away up to this, so that its connection can be used again.
    private const int MostDrained = 16 * 1024;

    private readonly TimeSpan _patience = TimeSpan.FromSeconds(options.Value.ConnectSeconds);

    /// <summary>A client to be kept as long as its purpose lives: it holds the connections. A redirect is an answer like any other.</summary>
    public HttpClient Create(OutboundLimits limits)
    {
        var sockets = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = _patience,
            PooledConnectionLifetime = TimeSpan.FromSeconds(options.Value.ConnectionLifetimeSeconds),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // A small answer must not grow inside us.
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = MostDrained,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            // Trace ids are ours, not the receiver's.
            ActivityHeadersPropagator = null,
        };
        return new HttpClient(new GuardedCalls(sockets, limits, time)) 
        {
            Timeout = Timeout.InfiniteTimeSpan,
            // Room for a whole answer is taken at once by what its Content-Length claims.
            MaxResponseContentBufferSize = Math.Max(1, limits.MaxResponseBytes),
        };
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        context.InitialRequestMessage.Options.TryGetValue(Tenant, out var tenantId);
        var (addresses, refusal) = await guard.ResolveAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, tenantId, cancellation);
        if (refusal is not null)
        {
            throw new OutboundException(refusal);
        }

        var left = Math.Min(addresses.Count, MostAddresses);
        foreach (var address in addresses)
        {
            left--;
            try
            {
                return await ConnectAsync(address, left, cancellation);
            }
            catch (Exception fault) when (left > 0 && IsFailure(fault, cancellation))
            {
                // The next of its addresses may answer.
                continue;
            }
        }

        throw new SocketException((int)SocketError.HostUnreachable);
    }

    private async ValueTask<Stream> ConnectAsync(IPEndPoint address, int others, CancellationToken cancellation)
    {
        // A silent address leaves its successors their share of the time.
        using var share = new CancellationTokenSource(_patience / (others + 1.5), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancellation);
        try
        {
            return await connect(address, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
    }

    private static bool IsFailure(Exception fault, CancellationToken cancellation) =>
        fault is SocketException && !cancellation.IsCancellationRequested;
}
