using System.Buffers.Binary;

namespace Platform.Engines.OpenAiSpeech;

/// <summary>How the samples of a WAVE body are written. A server should give 16 bits mono; one that gives something else is understood.</summary>
/// <param name="Bits">8, 16, 24 or 32 for whole numbers, 32 for fractions.</param>
internal readonly record struct WaveFormat(int Rate, int Channels, int Bits, bool IsFloat)
{
    private const int Pcm = 1;
    private const int Float = 3;
    private const int Extensible = 0xFFFE;

    /// <summary>Where the true kind stands in an extensible format.</summary>
    private const int SubFormat = 24;

    public int FrameBytes => Channels * Bits / 8;

    public bool IsUsable => Rate is >= 8_000 and <= 192_000 && Channels is >= 1 and <= 8 && (IsFloat ? Bits is 32 : Bits is 8 or 16 or 24 or 32);

    /// <summary>Reads a <c>fmt</c> chunk.</summary>
    public static WaveFormat Read(ReadOnlySpan<byte> chunk)
    {
        var kind = (int)BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        if (kind == Extensible && chunk.Length >= SubFormat + 2)
        {
            kind = BinaryPrimitives.ReadUInt16LittleEndian(chunk[SubFormat..]);
        }

        var bits = kind is Pcm or Float ? BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]) : 0;
        return new WaveFormat(
            BinaryPrimitives.ReadInt32LittleEndian(chunk[4..]), BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]), bits, kind == Float);
    }

    /// <summary>Mixes whole frames to mono.</summary>
    public void Mix(ReadOnlySpan<byte> frames, Span<short> samples)
    {
        for (var i = 0; i < samples.Length; i++)
        {
            var sum = 0f;
            for (var channel = 0; channel < Channels; channel++)
            {
                sum += Sample(frames[((i * FrameBytes) + (channel * Bits / 8))..]);
            }

            samples[i] = (short)Math.Clamp(MathF.Round(sum / Channels), short.MinValue, short.MaxValue);
        }
    }

    private float Sample(ReadOnlySpan<byte> bytes) => (IsFloat, Bits) switch
    {
        (true, _) => BinaryPrimitives.ReadSingleLittleEndian(bytes) is var value && float.IsFinite(value) ? Math.Clamp(value, -1, 1) * short.MaxValue : 0,
        (_, 8) => (bytes[0] - 128) * 256f,
        (_, 16) => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        (_, 24) => ((bytes[0] << 8) | (bytes[1] << 16) | (bytes[2] << 24)) / 65536f,
        _ => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 65536f,
    };
}
