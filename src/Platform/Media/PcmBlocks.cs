using Platform.Engines;
using Platform.Media.Native;

namespace Platform.Media;

/// <summary>Takes the next samples; they are the caller's again afterwards.</summary>
internal delegate void TakeSamples(ReadOnlySpan<short> samples);

/// <summary>Hands PCM on in blocks, at another rate if asked, so that no second copy of it is ever whole.</summary>
internal static class PcmBlocks
{
    /// <summary>Samples of a block at most.</summary>
    public const int Length = 1 << 15;

    /// <summary>All of <paramref name="pcm"/> at <paramref name="rate"/> hertz, its length scaled and rounded to the nearest sample.</summary>
    /// <exception cref="AudioEncodingException">libsoxr refused.</exception>
    public static void ForEach(Pcm pcm, int rate, TakeSamples take)
    {
        if (pcm.SampleRate == rate)
        {
            for (var at = 0; at < pcm.Samples.Length; at += Length)
            {
                take(pcm.Samples.Span.Slice(at, Math.Min(Length, pcm.Samples.Length - at)));
            }
        }
        else if (!pcm.Samples.IsEmpty)
        {
            Resample(pcm, rate, take);
        }
    }

    private static unsafe void Resample(Pcm pcm, int rate, TakeSamples take)
    {
        using var stream = SoxrNative.OpenStream(pcm.SampleRate, rate);
        var output = new short[Length];

        // libsoxr may round the last sample either way.
        var left = (long)Math.Round((double)pcm.Samples.Length * rate / pcm.SampleRate);
        fixed (short* source = pcm.Samples.Span, target = output)
        {
            for (var at = 0; left > 0;)
            {
                var count = Math.Min(Length, pcm.Samples.Length - at);
                nuint taken, given;
                var error = SoxrNative.Process(
                    stream, count > 0 ? source + at : null, (nuint)count, &taken, target, (nuint)output.Length, &given);
                if (error != 0)
                {
                    throw new AudioEncodingException("libsoxr", "soxr_process", error);
                }

                if (count == 0 && given == 0)
                {
                    break;
                }

                at += (int)taken;
                take(output.AsSpan(0, (int)Math.Min(left, (long)given)));
                left -= (long)given;
            }
        }
    }
}
