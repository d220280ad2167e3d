using Microsoft.Win32.SafeHandles;

namespace Platform.Media;

/// <summary>
/// Where an encoder writes its file. What is small stays in memory; the rest goes to a temporary file, so that a file of any length takes
/// a few megabytes of the process.
/// </summary>
/// <param name="folder">For the temporary file; on a disk, or nothing is gained.</param>
/// <param name="expected">Bytes, about.</param>
internal sealed class ByteSpool(string folder, long expected) : Stream
{
    /// <summary>Four minutes at 128 kbit/s.</summary>
    public const int InMemory = 4 << 20;

    private readonly MemoryStream _memory = new((int)Math.Min(expected, InMemory));
    private SafeFileHandle? _file;
    private long _length;
    private long _position;

    public override bool CanRead => false;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _file is null ? _memory.Length : _length;

    public override long Position
    {
        get => _file is null ? _memory.Position : _position;
        set
        {
            if (_file is null)
            {
                _memory.Position = value;
            }
            else
            {
                _position = value;
            }
        }
    }

    /// <exception cref="SpoolException">The temporary file takes nothing.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_file is null)
        {
            if (_memory.Position + buffer.Length <= InMemory)
            {
                _memory.Write(buffer);
                return;
            }

            (_position, _length) = (_memory.Position, _memory.Length);
            _file = SpoolFile.Open(folder);
            SpoolFile.Write(_file, _memory.GetBuffer().AsSpan(0, (int)_memory.Length), 0);
        }

        SpoolFile.Write(_file, buffer, _position);
        _position += buffer.Length;
        _length = Math.Max(_length, _position);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>All that was written. Ends the spool; the audio owns the file from here on.</summary>
    public EncodedAudio ToAudio(TimeSpan duration)
    {
        if (_file is null)
        {
            return new EncodedAudio(_memory.GetBuffer().AsMemory(0, (int)_memory.Length), duration);
        }

        var bytes = new MappedFile<byte>(_file, checked((int)_length));
        _file = null;
        return new EncodedAudio(bytes.Memory, duration) { Owner = bytes };
    }

    public override void Flush()
    {
        // Nobody else reads it.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        _memory.Dispose();
        base.Dispose(disposing);
    }
}
