using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Platform.Engines;

namespace Platform.Media;

/// <summary>RIFF WAVE, 16-bit linear PCM, mono, at the PCM's own rate.</summary>
internal static class WavEncoder
{
    private const int HeaderLength = 44;
    private const int BytesPerSample = sizeof(short);

    /// <summary>The whole file in memory, for what is short.</summary>
    public static ReadOnlyMemory<byte> Encode(Pcm pcm)
    {
        var file = new byte[HeaderLength + (pcm.Samples.Length * BytesPerSample)];
        WriteHeader(pcm, file, listLength: 0);

        // WAVE is little-endian, as is every platform the native encoders are built for.
        MemoryMarshal.AsBytes(pcm.Samples.Span).CopyTo(file.AsSpan(HeaderLength));
        return file;
    }

    public static void Encode(Pcm pcm, AudioTarget target, ByteSpool file)
    {
        var list = target.IsMarked ? AudioMark.WaveList : [];
        Span<byte> header = stackalloc byte[HeaderLength];
        WriteHeader(pcm, header, list.Length);
        file.Write(header);
        PcmBlocks.ForEach(pcm, pcm.SampleRate, samples => file.Write(MemoryMarshal.AsBytes(samples)));
        file.Write(list);
    }

    private static void WriteHeader(Pcm pcm, Span<byte> header, int listLength)
    {
        var dataLength = pcm.Samples.Length * BytesPerSample;

        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], HeaderLength - 8 + dataLength + listLength);
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(header[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], pcm.SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], pcm.SampleRate * BytesPerSample);
        BinaryPrimitives.WriteInt16LittleEndian(header[32..], BytesPerSample);
        BinaryPrimitives.WriteInt16LittleEndian(header[34..], 8 * BytesPerSample);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], dataLength);
    }
}
