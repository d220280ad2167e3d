using Platform.Engines;

namespace Platform.Media;

/// <summary>
/// Turns PCM into a finished file. Pure computation on the calling thread; any number of threads may call it at once.
/// The same PCM and target give the same bytes.
/// </summary>
internal static class AudioEncoder
{
    /// <exception cref="ArgumentException">The target's rate, channels or bitrate is none that the format can hold.</exception>
    /// <exception cref="AudioEncodingException">A native encoder refused what it was given.</exception>
    public static EncodedAudio Encode(Pcm pcm, AudioTarget target)
    {
        var bytes = target.Format switch
        {
            AudioFormat.Mp3 => Mp3Encoder.Encode(AtRate(pcm, target.SampleRate).Span, target),
            AudioFormat.Ogg => OggEncoder.Encode(AtRate(pcm, target.SampleRate).Span, target),
            AudioFormat.Flac => FlacEncoder.Encode(pcm),
            AudioFormat.Wav => WavEncoder.Encode(pcm),
            _ => throw new ArgumentOutOfRangeException(nameof(target)),
        };
        return new EncodedAudio(target.IsMarked ? AudioMark.On(bytes, target.Format) : bytes, pcm.Duration);
    }

    private static ReadOnlyMemory<short> AtRate(Pcm pcm, int rate) =>
        pcm.SampleRate == rate ? pcm.Samples : Resampler.Resample(pcm.Samples.Span, pcm.SampleRate, rate);
}
