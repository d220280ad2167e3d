namespace Platform.Media;

/// <summary>Makes speech faster or slower by libsonic, which repeats or drops whole pitch periods so that the pitch stays.</summary>
internal static class TimeStretch
{
    /// <summary>Returns <paramref name="samples"/> played <paramref name="factor"/> times as fast.</summary>
    /// <param name="samples">Mono PCM.</param>
    /// <param name="rate">Its rate in hertz, by which libsonic finds the pitch.</param>
    /// <param name="factor">0.05 to 20; above 1 is shorter.</param>
    /// <exception cref="AudioEncodingException">libsonic ran out of memory.</exception>
    public static short[] Stretch(ReadOnlySpan<short> samples, int rate, double factor)
    {
        using var stream = new StretchStream(rate, factor);
        stream.Write(samples);
        stream.Flush();
        var output = new short[stream.Available];
        var read = stream.Read(output);
        return read == output.Length ? output : output[..read];
    }
}
