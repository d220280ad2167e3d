using System.Buffers.Binary;

namespace Platform.Engines.OpenAiSpeech;

/// <summary>Reads a WAVE file as it arrives, in bounded memory, believing none of its sizes more than what comes.</summary>
internal sealed class WaveBody(Stream body, TimeSpan patience, TimeProvider time)
{
    private const int BufferLength = 1 << 16;

    /// <summary>What is before the samples fits here, or it is not worth reading.</summary>
    private const int LongestHeader = BufferLength;

    /// <summary>From here on a size is the placeholder of somebody who did not know it.</summary>
    private const uint Placeholder = 0x7FFF_0000;

    private readonly byte[] _buffer = new byte[BufferLength];
    private int _filled;

    public WaveFormat Format { get; private set; }

    /// <summary>Bytes of samples that the header promises; null when it does not know.</summary>
    public long? Promised { get; private set; }

    /// <summary>When the first bytes were there.</summary>
    public long? FirstBytes { get; private set; }

    /// <summary>Reads up to the first sample. False when this is no WAVE file, or none that can be read.</summary>
    /// <exception cref="TimeoutException">Nothing came for too long.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<bool> ReadHeaderAsync(CancellationToken cancellation)
    {
        int? start;
        while ((start = FindSamples()) is null)
        {
            if (_filled >= LongestHeader || await FillAsync(cancellation) == 0)
            {
                return false;
            }
        }

        if (start < 0 || !Format.IsUsable)
        {
            return false;
        }

        Consume(start.Value);
        return true;
    }

    /// <summary>Reads samples into <paramref name="spool"/>, at most so many frames. False when more than these came.</summary>
    /// <exception cref="EndOfStreamException">Less came than was promised.</exception>
    public async Task<bool> ReadSamplesAsync(PacedSpool spool, long mostFrames, CancellationToken cancellation)
    {
        var mixed = new short[BufferLength];
        var promised = Promised / Format.FrameBytes;
        while (promised is null || spool.Length < promised)
        {
            var frames = (int)Math.Min(_filled / Format.FrameBytes, (promised ?? long.MaxValue) - spool.Length);
            if (frames == 0)
            {
                if (await FillAsync(cancellation) == 0)
                {
                    return promised is null ? true : throw new EndOfStreamException();
                }

                continue;
            }

            var kept = (int)Math.Min(frames, mostFrames - spool.Length);
            Format.Mix(_buffer.AsSpan(0, kept * Format.FrameBytes), mixed.AsSpan(0, kept));
            spool.Append(mixed.AsSpan(0, kept));
            if (kept < frames)
            {
                return false;
            }

            Consume(frames * Format.FrameBytes);
        }

        return true;
    }

    /// <summary>Where the samples begin; null while that is still to come, negative when nothing good can.</summary>
    private int? FindSamples()
    {
        var file = _buffer.AsSpan(0, _filled);
        if (file.Length < 12)
        {
            return null;
        }

        if (!file.StartsWith("RIFF"u8) || !file[8..].StartsWith("WAVE"u8))
        {
            return -1;
        }

        for (var at = 12L; at + 8 <= file.Length;)
        {
            var chunk = file[(int)at..];
            var size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("data"u8))
            {
                Promised = size is 0 or >= Placeholder ? null : size;
                return (int)at + 8;
            }

            if (chunk.StartsWith("fmt "u8))
            {
                if (chunk.Length < 8 + Math.Min(size, 40))
                {
                    return null;
                }

                if (size < 16)
                {
                    return -1;
                }

                Format = WaveFormat.Read(chunk[8..]);
            }

            // Chunks begin at even places.
            at += 8 + size + (size & 1);
        }

        return null;
    }

    private async ValueTask<int> FillAsync(CancellationToken cancellation)
    {
        using var stalled = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stalled.Token, cancellation);
        try
        {
            var count = await body.ReadAsync(_buffer.AsMemory(_filled), either.Token);
            FirstBytes ??= time.GetTimestamp();
            _filled += count;
            return count;
        }
        catch (OperationCanceledException fault) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("Nothing came for too long.", fault);
        }
    }

    private void Consume(int count)
    {
        _buffer.AsSpan(count, _filled - count).CopyTo(_buffer);
        _filled -= count;
    }
}
