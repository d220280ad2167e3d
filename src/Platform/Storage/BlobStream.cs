namespace Platform.Storage;

/// <summary>Reads some bytes at a place of a blob; 0 at its end.</summary>
internal delegate ValueTask<int> ReadAt(long offset, Memory<byte> buffer, CancellationToken cancellation);

/// <summary>A blob as a stream that can seek, over whatever way its store has of reading at a place.</summary>
internal sealed class BlobStream(long length, ReadAt read, IDisposable source) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= length || buffer.IsEmpty)
        {
            return 0;
        }

        var count = await read(Position, buffer, cancellationToken);

        // A file that was cut while it was open must not look like one that ends.
        Position += count > 0 ? count : throw new EndOfStreamException($"The blob ends at {Position} of {length} bytes.");
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Position,
        _ => length,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
