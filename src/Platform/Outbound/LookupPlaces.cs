using System.Collections.Concurrent;
using System.Net;

namespace Platform.Outbound;

/// <summary>
/// Looks names up, few at a time and fewer of one tenant: each look-up blocks a thread of the pool until the system is done with it, cancelled or not. A tenant
/// whose names never answer waits for itself, and what did not answer is not asked again at once.
/// </summary>
#pragma warning disable CA1001 // The semaphore's wait handle is never asked for, so there is nothing to give back while others may still wait.
internal sealed class LookupPlaces(NameLookup lookup, TimeSpan patience, TimeProvider time)
#pragma warning restore CA1001
{
    private const int AtOnce = 32;
    private const int AtOncePerTenant = 8;
    private const int MostSilent = 10_000;
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _all = new(AtOnce, AtOnce);
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Share> _shares = [];
    private readonly ConcurrentDictionary<(Guid TenantId, string Host), long> _silent = [];

    /// <summary>All addresses; none where the name did not answer; null where no place came free in time.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">There is no such name.</exception>
    public async Task<IPAddress[]?> RunAsync(string host, Guid tenantId, CancellationToken cancellation)
    {
        // One tenant's word for it is not another's: who fills the places makes every name silent.
        var asked = (tenantId, host.ToLowerInvariant());
        if (_silent.TryGetValue(asked, out var since) && time.GetElapsedTime(since) < SilentFor)
        {
            return [];
        }

        var share = Join(tenantId);
        try
        {
            using var full = new CancellationTokenSource(patience, time);
            using var entering = CancellationTokenSource.CreateLinkedTokenSource(full.Token, cancellation);
            await EnterAsync(share, entering.Token);
        }
        catch (OperationCanceledException)
        {
            Leave(tenantId, share);
            cancellation.ThrowIfCancellationRequested();
            return null;
        }

        // The wait for a place is not the name's fault: its own time begins here.
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            // In its place the look-up goes on until the system is done, whoever still waits for it.
            return await LookUpAsync(host, (tenantId, share), either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            if (_silent.Count >= MostSilent)
            {
                _silent.Clear();
            }

            _silent[asked] = time.GetTimestamp();
            return [];
        }
    }

    private async Task<IPAddress[]> LookUpAsync(string host, (Guid TenantId, Share Share) place, CancellationToken cancellation)
    {
        try
        {
            return await lookup(host, cancellation);
        }
        finally
        {
            _all.Release();
            place.Share.Turns.Release();
            Leave(place.TenantId, place.Share);
        }
    }

    // The tenant's own turn first: whoever waits for that takes no place of the others.
    private async Task EnterAsync(Share share, CancellationToken cancellation)
    {
        await share.Turns.WaitAsync(cancellation);
        try
        {
            await _all.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            share.Turns.Release();
            throw;
        }
    }

    private Share Join(Guid tenantId)
    {
        lock (_gate)
        {
            if (!_shares.TryGetValue(tenantId, out var share))
            {
                _shares[tenantId] = share = new Share();
            }

            share.Members++;
            return share;
        }
    }

    private void Leave(Guid tenantId, Share share)
    {
        lock (_gate)
        {
            if (--share.Members == 0)
            {
                _shares.Remove(tenantId);
            }
        }
    }

#pragma warning disable CA1001 // The semaphore's wait handle is never asked for, so there is nothing to give back.
    private sealed class Share
#pragma warning restore CA1001
    {
        public SemaphoreSlim Turns { get; } = new(AtOncePerTenant, AtOncePerTenant);

        public int Members { get; set; }
    }
}
