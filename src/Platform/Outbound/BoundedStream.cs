namespace Platform.Outbound;

/// <summary>Reads a body up to a size and a time; asynchronously only, since a blocked thread could not be ended in time.</summary>
internal sealed class BoundedStream(Stream inner, long limit, CancellationToken deadline) : Stream
{
    private static readonly OutboundRefusal Late = new(OutboundFault.TimedOut, "did not send its answer in time");
    private static readonly OutboundRefusal Large = new(OutboundFault.TooLarge, "sent an answer that is too large");

    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline, cancellationToken);
        try
        {
            var count = await inner.ReadAsync(buffer, either.Token);
            _read += count;
            return _read <= limit ? count : throw new OutboundException(Large);
        }
        catch (OperationCanceledException cause) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new OutboundException(Late, cause);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
