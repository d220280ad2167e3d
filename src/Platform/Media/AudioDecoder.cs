using Platform.Engines;

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
/// Reads a customer's WAV, MP3, FLAC or Ogg (Vorbis, Opus) file in process. Nothing in the file is believed: lengths are counted as they are
/// decoded, and decoding stops where the longest allowed audio ends, so that a small file cannot grow large here.
/// </summary>
internal static class AudioDecoder
{
    // Encoders pad and cut by a frame or two: three seconds of MP3 are rarely exactly three.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(60);

    /// <exception cref="AudioEncodingException">The resampler refused.</exception>
    public static Decoding Decode(ReadOnlyMemory<byte> file, DecodingLimits limits)
    {
        var longest = limits.Longest + Tolerance;
        var mono = BeginsAsMpeg(file.Span) ? MpegFile.Read(file, longest)
            : BeginsAsOther(file.Span) ? SndfileFile.Read(file, longest)
            : null;
        if (mono is null)
        {
            return Refused("must be a WAV, MP3, FLAC or Ogg file that can be decoded");
        }

        if (!mono.IsUsable)
        {
            return Refused(
                $"must have 1 to {MonoSamples.MostChannels} channels and a rate of {MonoSamples.LowestRate} to {MonoSamples.HighestRate} Hz");
        }

        return mono.IsFull || mono.Length < limits.Shortest - Tolerance
            ? Refused($"must last {limits.Shortest.TotalSeconds:0.##} to {limits.Longest.TotalSeconds:0.##} seconds")
            : new Decoding(new Pcm(Resampler.Resample(mono.Samples, mono.Rate, limits.SampleRate), limits.SampleRate), mono.Format, null);
    }

    private static bool BeginsAsMpeg(ReadOnlySpan<byte> file) =>
        file.StartsWith("ID3"u8) || (file.Length > 4 && file[0] == 0xFF && (file[1] & 0xE0) == 0xE0);

    // libsndfile knows thirty more formats, whose readers are older and less looked at; their files do not get that far.
    private static bool BeginsAsOther(ReadOnlySpan<byte> file) =>
        (file.StartsWith("RIFF"u8) && file.Length > 12 && file[8..].StartsWith("WAVE"u8))
        || file.StartsWith("fLaC"u8)
        || file.StartsWith("OggS"u8);

    private static Decoding Refused(string fault) => new(null, default, fault);
}
