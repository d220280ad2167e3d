using System.Buffers;
using System.Collections.Concurrent;

namespace Platform.Storage;

/// <summary>
/// The way to read blobs: nothing leaves before all of the blob was compared with the digest in its name. Small ones are read once into
/// memory and checked there; of larger ones that passed, which a player reads range by range, it is remembered for some minutes.
/// </summary>
internal sealed partial class VerifiedBlobs(IBlobStore store, TimeProvider time, ILogger<VerifiedBlobs> log)
{
    /// <summary>Up to this many bytes a blob is held in memory while it is sent.</summary>
    public const int Small = 256 * 1024;

    private const int MostRemembered = 10_000;
    private const int Piece = 64 * 1024;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, long> _passed = new(StringComparer.Ordinal);

    /// <summary>A blob that is whole; null when there is none (any more).</summary>
    /// <exception cref="DamagedBlobException">It is not what was written.</exception>
    /// <exception cref="IOException">The store cannot be read now.</exception>
    public async Task<VerifiedBlob?> OpenAsync(string key, CancellationToken cancellation)
    {
        if (await store.OpenAsync(key, cancellation) is not { } stream)
        {
            return null;
        }

        if (stream.Length > Small)
        {
            await VerifyFromStartAsync(stream, key, cancellation);
            return new VerifiedBlob(stream);
        }

        var blob = new VerifiedBlob(ArrayPool<byte>.Shared.Rent((int)stream.Length), (int)stream.Length);
        await using (stream)
        {
            await FillAsync(stream, blob, key, cancellation);
        }

        return blob;
    }

    /// <summary>The same as a stream, for whoever reads it more than once.</summary>
    public async Task<Stream?> OpenStreamAsync(string key, CancellationToken cancellation)
    {
        if (await store.OpenAsync(key, cancellation) is not { } stream)
        {
            return null;
        }

        await VerifyFromStartAsync(stream, key, cancellation);
        return stream;
    }

    /// <summary>The length of a blob that is whole; null when there is none (any more). Throws as <see cref="OpenAsync"/> does.</summary>
    public async Task<long?> MeasureAsync(string key, CancellationToken cancellation)
    {
        await using var stream = await OpenStreamAsync(key, cancellation);
        return stream?.Length;
    }

    /// <summary>All bytes of a blob; null when there is none (any more). Throws as <see cref="OpenAsync"/> does.</summary>
    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellation)
    {
        if (await store.OpenAsync(key, cancellation) is not { } stream)
        {
            return null;
        }

        await using (stream)
        {
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, cancellation);
            Check(key, BlobDigest.Of(bytes));
            return bytes;
        }
    }

    private async Task FillAsync(Stream stream, VerifiedBlob blob, string key, CancellationToken cancellation)
    {
        try
        {
            await stream.ReadExactlyAsync(blob.Buffer, cancellation);
            Check(key, BlobDigest.Of(blob.Buffer.Span));
        }
        catch
        {
            blob.Dispose();
            throw;
        }
    }

    private async Task VerifyFromStartAsync(Stream stream, string key, CancellationToken cancellation)
    {
        try
        {
            await VerifyAsync(stream, key, cancellation);
            stream.Position = 0;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private async Task VerifyAsync(Stream stream, string key, CancellationToken cancellation)
    {
        var now = time.GetTimestamp();
        if (BlobKeys.DigestOf(key) is null || (_passed.TryGetValue(key, out var at) && time.GetElapsedTime(at, now) < Remembered))
        {
            return;
        }

        var digest = new BlobDigest();
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer.AsMemory(0, Piece), cancellation)) > 0)
            {
                digest.Append(buffer.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        Check(key, digest.Value);
        if (_passed.Count >= MostRemembered)
        {
            _passed.Clear();
        }

        _passed[key] = now;
    }

    private void Check(string key, uint digest)
    {
        if (BlobKeys.DigestOf(key) is { } expected && expected != digest)
        {
            LogDamaged(log, key);
            throw new DamagedBlobException(key);
        }
    }

    [LoggerMessage(
        EventId = 4151,
        Level = LogLevel.Error,
        Message = "The stored file {Key} is damaged: its bytes are not those that were written. It is not handed out")]
    private static partial void LogDamaged(ILogger log, string key);
}

/// <summary>A blob whose bytes were checked: in memory when it is small, else a stream that can seek.</summary>
internal sealed class VerifiedBlob : IDisposable
{
    private byte[]? _rented;

    public VerifiedBlob(byte[] rented, int length)
    {
        _rented = rented;
        Buffer = rented.AsMemory(0, length);
        Length = length;
    }

    public VerifiedBlob(Stream stream)
    {
        Stream = stream;
        Length = stream.Length;
    }

    public long Length { get; }

    /// <summary>Null when the blob is in <see cref="Buffer"/>.</summary>
    public Stream? Stream { get; }

    /// <summary>Not to be used after this is disposed.</summary>
    public Memory<byte> Buffer { get; }

    public void Dispose()
    {
        Stream?.Dispose();
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
