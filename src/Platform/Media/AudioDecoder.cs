using System.Buffers;
using Platform.Engines;
using Platform.Media.Native;

namespace Platform.Media;

/// <summary>What may come out of decoding.</summary>
/// <param name="SampleRate">Hertz of the result.</param>
internal sealed record DecodingLimits(TimeSpan Shortest, TimeSpan Longest, int SampleRate);

/// <summary>Decoded audio, or why there is none.</summary>
/// <param name="Audio">Mono.</param>
/// <param name="Format">What the file was.</param>
/// <param name="Fault">Completes "'inputs.audio' ..."; null when <paramref name="Audio"/> is there.</param>
internal readonly record struct Decoding(Pcm? Audio, AudioFormat Format, string? Fault);

/// <summary>
/// Reads a customer's WAV, MP3, FLAC or Ogg (Vorbis, Opus) file in process by libsndfile. Nothing in the file is believed: lengths are
/// counted as they are decoded, and decoding stops where the longest allowed audio ends, so that a small file cannot grow large here.
/// </summary>
internal static unsafe class AudioDecoder
{
    private const int MostChannels = 8;
    private const int LowestRate = 8_000;
    private const int HighestRate = 192_000;
    private const int FramesAtOnce = 4096;

    // Encoders pad and cut by a frame or two: three seconds of MP3 are rarely exactly three.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(60);

    /// <exception cref="AudioEncodingException">The resampler refused.</exception>
    public static Decoding Decode(ReadOnlyMemory<byte> file, DecodingLimits limits)
    {
        if (!HasKnownStart(file.Span))
        {
            return Refused("must be a WAV, MP3, FLAC or Ogg file");
        }

        using var pinned = file.Pin();
        var memory = new MemoryFile { Bytes = (byte*)pinned.Pointer, Length = file.Length };
        var reader = MemoryFile.Reader;
        var facts = default(SndfileFacts);
        using var handle = SndfileNative.Open(&reader, SndfileNative.ReadMode, &facts, &memory);
        if (handle.IsInvalid || FormatOf(facts.Format) is not { } format)
        {
            return Refused("must be a WAV, MP3, FLAC or Ogg file that can be decoded");
        }

        if (facts.Channels is < 1 or > MostChannels || facts.SampleRate is < LowestRate or > HighestRate)
        {
            return Refused($"must have 1 to {MostChannels} channels and a rate of {LowestRate} to {HighestRate} Hz");
        }

        return Read(handle, facts, limits) is { } samples
            ? Judge(samples, facts.SampleRate, format, limits)
            : Refused("must be a file that can be decoded to its end");
    }

    // libsndfile knows thirty more formats, whose readers are older and less looked at; their files do not get that far.
    private static bool HasKnownStart(ReadOnlySpan<byte> file) =>
        (file.StartsWith("RIFF"u8) && file.Length > 12 && file[8..].StartsWith("WAVE"u8))
        || file.StartsWith("fLaC"u8)
        || file.StartsWith("OggS"u8)
        || file.StartsWith("ID3"u8)
        || (file.Length > 4 && file[0] == 0xFF && (file[1] & 0xE0) == 0xE0);

    private static AudioFormat? FormatOf(int format) =>
        (format & SndfileNative.ContainerMask, format & SndfileNative.CodecMask) switch
        {
            // WAV and WAVEX with linear, float and companded samples; ADPCM and its like stay outside.
            (0x010000 or 0x130000, (>= 1 and <= 7) or 0x10 or 0x11) => AudioFormat.Wav,
            (0x170000, _) => AudioFormat.Flac,
            (0x200000, 0x60 or 0x64) => AudioFormat.Ogg,
            (0x230000, 0x82) => AudioFormat.Mp3,
            _ => null,
        };

    /// <summary>Mono samples, a little more than allowed where the file is too long; null where the file breaks off in an error.</summary>
    private static List<short>? Read(SndfileHandle handle, SndfileFacts facts, DecodingLimits limits)
    {
        var most = (long)((limits.Longest + Tolerance).TotalSeconds * facts.SampleRate) + 1;
        var samples = new List<short>(FramesAtOnce);
        var frames = ArrayPool<float>.Shared.Rent(FramesAtOnce * facts.Channels);
        try
        {
            long count = 1;
            while (count > 0 && samples.Count < most)
            {
                fixed (float* target = frames)
                {
                    count = SndfileNative.ReadFrames(handle, target, FramesAtOnce);
                }

                for (var i = 0; i < count; i++)
                {
                    samples.Add(Mix(frames.AsSpan(i * facts.Channels, facts.Channels)));
                }
            }

            return SndfileNative.Error(handle) == 0 ? samples : null;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(frames);
        }
    }

    // Float files may hold anything: what is no number becomes silence, what is too loud is cut.
    private static short Mix(ReadOnlySpan<float> frame)
    {
        var sum = 0f;
        foreach (var sample in frame)
        {
            sum += float.IsFinite(sample) ? Math.Clamp(sample, -1f, 1f) : 0f;
        }

        return (short)MathF.Round(sum / frame.Length * short.MaxValue);
    }

    private static Decoding Judge(List<short> samples, int rate, AudioFormat format, DecodingLimits limits)
    {
        var length = TimeSpan.FromSeconds((double)samples.Count / rate);
        if (length < limits.Shortest - Tolerance || length > limits.Longest + Tolerance)
        {
            return Refused($"must last {limits.Shortest.TotalSeconds:0.##} to {limits.Longest.TotalSeconds:0.##} seconds");
        }

        var mono = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(samples);
        return new Decoding(new Pcm(Resampler.Resample(mono, rate, limits.SampleRate), limits.SampleRate), format, null);
    }

    private static Decoding Refused(string fault) => new(null, default, fault);
}
