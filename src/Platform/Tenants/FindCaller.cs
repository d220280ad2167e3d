using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>
/// Key to caller. What the database said is believed for three seconds, so that a revoked key or a suspended tenant is refused within
/// five on every node and a busy key costs no query a request.
/// </summary>
#pragma warning disable CA1001 // The semaphore's wait handle is never asked for, so there is nothing to give back while others may still wait.
internal sealed class FindCaller(IDbContextFactory<PlatformDb> databases, TimeProvider time)
#pragma warning restore CA1001
{
    // Whoever guesses keys makes a question of each. It must not take the connections by which customers' keys are looked up again.
    private const int StrangersAtOnce = 4;

    // Unknown keys that wait for their turn. A node that has just started knows nobody, and its customers' keys come all at once.
    private const int MostWaiting = 2_000;

    private static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _strangers = new(StrangersAtOnce, StrangersAtOnce);
    private readonly ConcurrentDictionary<string, Lazy<Task<Caller?>>> _asking = new(StringComparer.Ordinal);
    private int _waiting;

    /// <summary>
    /// Keys that exist nowhere are remembered too, else each would be a query; the bound keeps a guesser from filling the memory.
    /// </summary>
    public int LargestMemory { get; init; } = 100_000;

    /// <summary>Unknown keys that may wait for their turn; more are turned away.</summary>
    public int LargestQueue { get; init; } = MostWaiting;

    /// <summary>Unknown keys that wait at this moment.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Keys that are remembered at this moment.</summary>
    public int Remembered => _known.Count;

    /// <summary>Null for a key that is malformed, unknown, expired or revoked: the caller is told the same for all of them.</summary>
    /// <exception cref="KeysWaitException">More unknown keys wait to be looked up than may.</exception>
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
            : new ValueTask<Caller?>(AskOnceAsync(name, keyHash, cancellation));
    }

    // A busy key expires for all its requests at once. One of them asks; a query each would take every connection of the process.
    private async Task<Caller?> AskOnceAsync(string name, byte[] keyHash, CancellationToken cancellation)
    {
        while (true)
        {
            var asking = _asking.GetOrAdd(name, _ => new Lazy<Task<Caller?>>(() => AskAsync(name, keyHash, cancellation)));
            try
            {
                return await asking.Value.WaitAsync(cancellation);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Whoever asked for all of them has left the queue: the next one asks.
            }
        }
    }

    private async Task<Caller?> AskAsync(string name, byte[] keyHash, CancellationToken cancellation)
    {
        try
        {
            return _known.TryGetValue(name, out var before) && before.Caller is not null
                ? await LookUpAsync(name, keyHash)
                : await LookUpStrangerAsync(name, keyHash, cancellation);
        }
        finally
        {
            // Before the task ends, so that nobody finds one that has.
            _asking.TryRemove(name, out _);
        }
    }

    private async Task<Caller?> LookUpStrangerAsync(string name, byte[] keyHash, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _waiting) > LargestQueue)
        {
            Interlocked.Decrement(ref _waiting);
            throw new KeysWaitException();
        }

        try
        {
            await _strangers.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return await LookUpAsync(name, keyHash);
        }
        finally
        {
            _strangers.Release();
        }
    }

    private async Task<Caller?> LookUpAsync(string name, byte[] keyHash)
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
            MakeRoom();
        }

        _known[name] = new Known(found, asked);
        return found;
    }

    // Guesses go first: a customer whose key is forgotten would have to queue up with them.
    private void MakeRoom()
    {
        foreach (var guess in _known.Where(static one => one.Value.Caller is null))
        {
            _known.TryRemove(guess);
        }

        if (_known.Count >= LargestMemory)
        {
            _known.Clear();
        }
    }

    private sealed record Known(Caller? Caller, long At);
}

/// <summary>A key was not looked up, because too many unknown ones wait for that.</summary>
internal sealed class KeysWaitException() : Exception("Too many unknown keys wait to be looked up.");
