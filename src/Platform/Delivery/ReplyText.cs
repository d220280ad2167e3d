using System.Buffers;
using System.Buffers.Text;
using Platform.Storage;

namespace Platform.Delivery;

/// <summary>Takes a reply's next bytes, which are only good until it returns, and learns whether they are the last.</summary>
internal delegate ValueTask TakeBytes(ReadOnlyMemory<byte> bytes, bool isLast);

/// <summary>The file of a result is gone or damaged for good: sending it again would end the same way.</summary>
internal sealed class ReplyLostException(Exception? cause) : Exception("The audio of a reply cannot be read any more.", cause);

/// <summary>
/// JSON of a reply in pieces: bytes that are there, and audio that is read from its file only while it goes out. Hundreds of megabytes of
/// audio take some hundred bytes until then, and one small buffer on their way.
/// </summary>
internal readonly record struct ReplyText
{
    private readonly ReadOnlyMemory<byte> _only;
    private readonly IReadOnlyList<ReplyPiece>? _pieces;

    private ReplyText(ReadOnlyMemory<byte> only) => _only = only;

    /// <param name="pieces">The first and the last are bytes.</param>
    public ReplyText(IReadOnlyList<ReplyPiece> pieces) => (_only, _pieces) = (pieces[0].Bytes, pieces);

    public bool HasAudio => _pieces is not null;

    /// <summary>The bytes before the first audio; all of them where there is none.</summary>
    public ReadOnlyMemory<byte> Start => _only;

    /// <summary>What comes after <see cref="Start"/>.</summary>
    public IEnumerable<ReplyPiece> Rest => _pieces is null ? [] : _pieces.Skip(1);

    /// <summary>Bytes that it holds in memory.</summary>
    public int Held => _pieces is null ? _only.Length : _pieces.Sum(static piece => piece.Bytes.Length);

    /// <summary>Bytes that it will have on the wire.</summary>
    public long Length => _pieces is null ? _only.Length : _pieces.Sum(static piece => piece.Length);

    public static implicit operator ReplyText(ReadOnlyMemory<byte> bytes) => new(bytes);

    public static implicit operator ReplyText(byte[] bytes) => new((ReadOnlyMemory<byte>)bytes);

    /// <summary>The same with another beginning.</summary>
    public ReplyText WithStart(ReadOnlyMemory<byte> start) =>
        _pieces is null ? new ReplyText(start) : new ReplyText([new ReplyPiece(start), .. _pieces.Skip(1)]);

    /// <summary>Gives all bytes in order.</summary>
    /// <exception cref="ReplyLostException">A file is not there any more.</exception>
    /// <exception cref="IOException">A file cannot be read now.</exception>
    public async Task WriteAsync(TakeBytes take, CancellationToken cancellation)
    {
        if (_pieces is null)
        {
            await take(_only, true);
            return;
        }

        for (var i = 0; i < _pieces.Count; i++)
        {
            if (_pieces[i].Audio is { } audio)
            {
                await audio.WriteAsync(take, cancellation);
            }
            else
            {
                await take(_pieces[i].Bytes, i == _pieces.Count - 1);
            }
        }
    }
}

/// <summary>Bytes, or audio that is still in its file.</summary>
internal readonly record struct ReplyPiece(ReadOnlyMemory<byte> Bytes, UnreadAudio? Audio = null)
{
    public long Length => Audio?.Length ?? Bytes.Length;
}

/// <summary>A stored file that goes into a reply in base64.</summary>
/// <param name="FileLength">Its bytes; a key names the same ones for ever.</param>
internal sealed record UnreadAudio(VerifiedBlobs Blobs, string Key, long FileLength)
{
    // A multiple of three, so that only the last piece ends in padding.
    private const int Piece = 48 * 1024;

    public long Length => (FileLength + 2) / 3 * 4;

    public async Task WriteAsync(TakeBytes take, CancellationToken cancellation)
    {
        await using var file = await OpenAsync(cancellation);
        var (bytes, text) = (ArrayPool<byte>.Shared.Rent(Piece), ArrayPool<byte>.Shared.Rent(Piece / 3 * 4));
        try
        {
            int count;
            while ((count = await file.ReadAtLeastAsync(bytes.AsMemory(0, Piece), Piece, throwOnEndOfStream: false, cancellation)) > 0)
            {
                Base64.EncodeToUtf8(bytes.AsSpan(0, count), text, out _, out var written);
                await take(text.AsMemory(0, written), isLast: false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    private async Task<Stream> OpenAsync(CancellationToken cancellation)
    {
        try
        {
            return await Blobs.OpenStreamAsync(Key, cancellation) ?? throw new ReplyLostException(cause: null);
        }
        catch (DamagedBlobException damaged)
        {
            throw new ReplyLostException(damaged);
        }
    }
}
