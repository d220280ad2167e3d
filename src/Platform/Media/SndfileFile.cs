using System.Buffers;
using Platform.Media.Native;

namespace Platform.Media;

/// <summary>WAV, FLAC and Ogg by libsndfile, over memory.</summary>
internal static unsafe class SndfileFile
{
    private const int FramesAtOnce = 4096;

    /// <summary>Null where it is none of these or breaks off in an error.</summary>
    public static MonoSamples? Read(ReadOnlyMemory<byte> file, TimeSpan longest)
    {
        using var pinned = file.Pin();
        var memory = new MemoryFile { Bytes = (byte*)pinned.Pointer, Length = file.Length };
        var reader = MemoryFile.Reader;
        var facts = default(SndfileFacts);
        using var handle = SndfileNative.Open(&reader, SndfileNative.ReadMode, &facts, &memory);
        if (handle.IsInvalid || FormatOf(facts.Format) is not { } format)
        {
            return null;
        }

        var mono = new MonoSamples(format, facts.SampleRate, facts.Channels, longest);
        if (mono.IsUsable)
        {
            ReadFrames(handle, mono);
        }

        return SndfileNative.Error(handle) == 0 ? mono : null;
    }

    private static void ReadFrames(SndfileHandle handle, MonoSamples mono)
    {
        var frames = ArrayPool<float>.Shared.Rent(FramesAtOnce * mono.Channels);
        try
        {
            long count = 1;
            while (count > 0 && !mono.IsFull)
            {
                fixed (float* target = frames)
                {
                    count = SndfileNative.ReadFrames(handle, target, FramesAtOnce);
                }

                mono.Add(frames.AsSpan(0, (int)Math.Max(0, count) * mono.Channels));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(frames);
        }
    }

    private static AudioFormat? FormatOf(int format) =>
        (format & SndfileNative.ContainerMask, format & SndfileNative.CodecMask) switch
        {
            // WAV and WAVEX with linear, float and companded samples; ADPCM and its like stay outside.
            (0x010000 or 0x130000, (>= 1 and <= 7) or 0x10 or 0x11) => AudioFormat.Wav,
            (0x170000, _) => AudioFormat.Flac,
            (0x200000, 0x60 or 0x64) => AudioFormat.Ogg,
            _ => null,
        };
}
