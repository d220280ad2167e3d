using System.Data;
using Npgsql;

namespace Platform.Persistence;

/// <summary>
/// One connection that a hot statement keeps for itself. A pool hands its connections round in turn, so that each runs the statement rarely and
/// the server's process behind it finds its plans and its part of the tables gone from the processor's caches each time: about a twentieth of the
/// server's time.
/// </summary>
/// <param name="keeps">False where the pool has none to spare: then each use takes one of it and gives it back.</param>
internal sealed class KeptConnection(NpgsqlDataSource source, bool keeps) : IAsyncDisposable
{
    private NpgsqlConnection? _kept;
    private volatile bool _disposed;

    /// <summary>
    /// Runs <paramref name="use"/> on it, or on another one of the pool while it is in use or after it broke. It is given back when
    /// <paramref name="use"/> throws.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellation)
    {
        var connection = await TakeAsync() ?? await source.OpenConnectionAsync(cancellation);
        var isGood = false;
        try
        {
            var answer = await use(connection);
            isGood = true;
            return answer;
        }
        finally
        {
            if (!keeps || !isGood || _disposed || Interlocked.CompareExchange(ref _kept, connection, null) is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        if (Interlocked.Exchange(ref _kept, null) is { } kept)
        {
            await kept.DisposeAsync();
        }
    }

    // One that its server has closed meanwhile is known to be, since the driver asks every few seconds.
    private async ValueTask<NpgsqlConnection?> TakeAsync()
    {
        var kept = Interlocked.Exchange(ref _kept, null);
        if (kept is null or { State: ConnectionState.Open })
        {
            return kept;
        }

        await kept.DisposeAsync();
        return null;
    }
}
