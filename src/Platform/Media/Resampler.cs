using Platform.Media.Native;

namespace Platform.Media;

/// <summary>Changes the rate of mono 16-bit PCM by libsoxr; pitch and duration stay.</summary>
internal static unsafe class Resampler
{
    /// <summary>
    /// Returns <paramref name="samples"/> at <paramref name="to"/> hertz, its length scaled and rounded to the nearest sample.
    /// </summary>
    /// <exception cref="AudioEncodingException">libsoxr refused.</exception>
    public static short[] Resample(ReadOnlySpan<short> samples, int from, int to)
    {
        if (from == to || samples.IsEmpty)
        {
            return samples.ToArray();
        }

        // One sample more than the exact length is asked for: libsoxr may round the last one either way.
        var length = (int)Math.Round((double)samples.Length * to / from);
        var output = new short[length + 1];
        var io = new SoxrIo { Input = SoxrNative.Int16, Output = SoxrNative.Int16, Scale = 1, Flags = SoxrNative.NoDither };
        var quality = SoxrNative.QualitySpec(SoxrNative.HighQuality, 0);
        var runtime = SoxrNative.RuntimeSpec(1);
        nuint written;
        nint error;
        fixed (short* source = samples)
        fixed (short* target = output)
        {
            error = SoxrNative.OneShot(from, to, 1, source, (nuint)samples.Length, null, target, (nuint)output.Length, &written,
                &io, &quality, &runtime);
        }

        return error != 0
            ? throw new AudioEncodingException("libsoxr", "soxr_oneshot", error)
            : output.AsSpan(0, Math.Min(length, (int)written)).ToArray();
    }
}
