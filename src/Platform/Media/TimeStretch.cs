using Platform.Media.Native;

namespace Platform.Media;

/// <summary>Makes speech faster or slower by libsonic, which repeats or drops whole pitch periods so that the pitch stays.</summary>
internal static unsafe class TimeStretch
{
    /// <summary>Returns <paramref name="samples"/> played <paramref name="factor"/> times as fast.</summary>
    /// <param name="samples">Mono PCM.</param>
    /// <param name="rate">Its rate in hertz, by which libsonic finds the pitch.</param>
    /// <param name="factor">0.05 to 20; above 1 is shorter.</param>
    /// <exception cref="AudioEncodingException">libsonic ran out of memory.</exception>
    public static short[] Stretch(ReadOnlySpan<short> samples, int rate, double factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 0.05);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(factor, 20);
        using var stream = SonicNative.CreateStream(rate, 1);
        if (stream.IsInvalid)
        {
            throw new AudioEncodingException("libsonic", "sonicCreateStream", 0);
        }

        SonicNative.SetSpeed(stream, (float)factor);
        fixed (short* source = samples)
        {
            if (SonicNative.WriteShorts(stream, source, samples.Length) == 0)
            {
                throw new AudioEncodingException("libsonic", "sonicWriteShortToStream", 0);
            }
        }

        if (SonicNative.Flush(stream) == 0)
        {
            throw new AudioEncodingException("libsonic", "sonicFlushStream", 0);
        }

        var output = new short[SonicNative.SamplesAvailable(stream)];
        fixed (short* target = output)
        {
            var read = SonicNative.ReadShorts(stream, target, output.Length);
            return read == output.Length ? output : output[..read];
        }
    }
}
