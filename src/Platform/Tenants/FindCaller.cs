using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>
/// Key to caller. What the database said is believed for three seconds, so that a revoked key or a suspended tenant is refused within
/// five on every node and a busy key costs no query a request.
/// </summary>
internal sealed class FindCaller(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    private static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<Caller?>>> _asking = new(StringComparer.Ordinal);

    /// <summary>
    /// Keys that exist nowhere are remembered too, else each would be a query; the bound keeps a guesser from filling the memory.
    /// </summary>
    public int LargestMemory { get; init; } = 100_000;

    /// <summary>Keys that are remembered at this moment.</summary>
    public int Remembered => _known.Count;

    /// <summary>Null for a key that is malformed, unknown, expired or revoked: the caller is told the same for all of them.</summary>
    public ValueTask<Caller?> FindAsync(string key, CancellationToken cancellation)
    {
        if (!KeyText.IsWellFormed(key))
        {
            return new ValueTask<Caller?>((Caller?)null);
        }

        var keyHash = KeyText.HashOf(key);
        var name = Convert.ToHexString(keyHash);
        return _known.TryGetValue(name, out var known) && time.GetElapsedTime(known.At) < BelievedFor
            ? new ValueTask<Caller?>(known.Caller)
            : new ValueTask<Caller?>(AskOnceAsync(name, keyHash).WaitAsync(cancellation));
    }

    // A busy key expires for all its requests at once. One of them asks; a query each would take every connection of the process.
    private async Task<Caller?> AskOnceAsync(string name, byte[] keyHash)
    {
        var asking = _asking.GetOrAdd(name, _ => new Lazy<Task<Caller?>>(() => AskAsync(name, keyHash)));
        try
        {
            return await asking.Value;
        }
        finally
        {
            _asking.TryRemove(KeyValuePair.Create(name, asking));
        }
    }

    private async Task<Caller?> AskAsync(string name, byte[] keyHash)
    {
        var asked = time.GetTimestamp();
        await using var database = await databases.CreateDbContextAsync();
        var now = time.GetUtcNow();
        var found = await (
            from key in database.Set<ApiKey>()
            join tenant in database.Set<Tenant>() on key.TenantId equals tenant.TenantId
            where key.KeyHash == keyHash && key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now)
            select new Caller(tenant.TenantId, key.KeyId, tenant.Weight, tenant.SuspendedAt != null)
            {
                Limits = new TenantLimits(tenant.RequestsPerSecond, tenant.Burst, tenant.MaxRunning, tenant.MaxQueued),
            }).SingleOrDefaultAsync();
        if (_known.Count >= LargestMemory)
        {
            _known.Clear();
        }

        _known[name] = new Known(found, asked);
        return found;
    }

    private sealed record Known(Caller? Caller, long At);
}
