using Platform.Media.Native;

namespace Platform.Media;

/// <summary>Makes speech faster or slower while it arrives. One thread at a time.</summary>
internal sealed unsafe class StretchStream : IDisposable
{
    private readonly SonicHandle _stream;

    /// <param name="rate">Of the samples, in hertz, by which libsonic finds the pitch.</param>
    /// <param name="factor">0.05 to 20; above 1 is shorter.</param>
    /// <exception cref="AudioEncodingException">libsonic ran out of memory.</exception>
    public StretchStream(int rate, double factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 0.05);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(factor, 20);
        _stream = SonicNative.CreateStream(rate, 1);
        if (_stream.IsInvalid)
        {
            throw new AudioEncodingException("libsonic", "sonicCreateStream", 0);
        }

        SonicNative.SetSpeed(_stream, (float)factor);
    }

    /// <summary>Samples that <see cref="Read"/> would give now.</summary>
    public int Available => SonicNative.SamplesAvailable(_stream);

    public void Write(ReadOnlySpan<short> samples)
    {
        fixed (short* source = samples)
        {
            Check("sonicWriteShortToStream", SonicNative.WriteShorts(_stream, source, samples.Length));
        }
    }

    /// <summary>Ends the input, so that all of it comes out.</summary>
    public void Flush() => Check("sonicFlushStream", SonicNative.Flush(_stream));

    public int Read(Span<short> samples)
    {
        fixed (short* target = samples)
        {
            return SonicNative.ReadShorts(_stream, target, samples.Length);
        }
    }

    public void Dispose() => _stream.Dispose();

    private static void Check(string step, int result)
    {
        if (result == 0)
        {
            throw new AudioEncodingException("libsonic", step, 0);
        }
    }
}
