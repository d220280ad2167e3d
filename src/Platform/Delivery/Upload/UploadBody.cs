using System.Net;

namespace Platform.Delivery.Upload;

/// <summary>A stored file as the body of a request, piece by piece from its store.</summary>
internal sealed class UploadBody : HttpContent
{
    private const int Piece = 64 * 1024;

    private readonly Stream _file;

    /// <param name="file">Disposed with this.</param>
    /// <param name="contentType">Of the audio.</param>
    public UploadBody(Stream file, string contentType)
    {
        _file = file;
        Headers.TryAddWithoutValidation("Content-Type", contentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // A connection of the pool that turned out to be dead makes the client begin anew.
        _file.Position = 0;
        return _file.CopyToAsync(stream, Piece, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _file.Length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }
}
