using System.Net;

namespace Platform.Outbound;

/// <summary>An answer's body that ends in an error once it is larger or slower than it may be.</summary>
internal sealed class BoundedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly long _limit;
    private readonly CancellationTokenSource _deadline;

    /// <param name="inner">The body as it comes; disposed with this.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="deadline">Runs since the call began; disposed with this.</param>
    public BoundedContent(HttpContent inner, long limit, CancellationTokenSource deadline)
    {
        _inner = inner;
        _limit = limit;
        _deadline = deadline;
        foreach (var header in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        new BoundedStream(await _inner.ReadAsStreamAsync(_deadline.Token), _limit, _deadline.Token);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await using var body = await CreateContentReadStreamAsync();
        await body.CopyToAsync(stream);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _deadline.Dispose();
        }

        base.Dispose(disposing);
    }
}
