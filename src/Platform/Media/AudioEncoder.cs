using Platform.Engines;

namespace Platform.Media;

/// <summary>
/// Turns PCM into a finished file, block by block: however long it is, a few megabytes of it are in memory. Pure computation on the calling
/// thread; any number of threads may call it at once. The same PCM and target give the same bytes.
/// </summary>
internal static class AudioEncoder
{
    /// <param name="folder">For what does not go into memory; the system's temporary folder when null.</param>
    /// <exception cref="ArgumentException">The target's rate, channels or bitrate is none that the format can hold.</exception>
    /// <exception cref="AudioEncodingException">A native encoder refused what it was given.</exception>
    /// <exception cref="SpoolException">The folder takes no more.</exception>
    public static EncodedAudio Encode(Pcm pcm, AudioTarget target, string? folder = null)
    {
        using var file = new ByteSpool(folder ?? Path.GetTempPath(), ExpectedLength(pcm, target));
        switch (target.Format)
        {
            case AudioFormat.Mp3:
                Mp3Encoder.Encode(pcm, target, file);
                break;
            case AudioFormat.Ogg:
                OggEncoder.Encode(pcm, target, file);
                break;
            case AudioFormat.Flac:
                FlacEncoder.Encode(pcm, target, file);
                break;
            case AudioFormat.Wav:
                WavEncoder.Encode(pcm, target, file);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(target));
        }

        return file.ToAudio(pcm.Duration);
    }

    private static long ExpectedLength(Pcm pcm, AudioTarget target) => target.Format is AudioFormat.Mp3 or AudioFormat.Ogg
        ? (long)(pcm.Duration.TotalSeconds * target.BitrateKbps * 125) + 8192
        : 256 + (sizeof(short) * (long)pcm.Samples.Length);
}
