using Platform.Media;

namespace Platform.Engines;

/// <summary>
/// Takes a voice at its own pace as it arrives and gives it at the asked speed, its pitch unchanged, however long it is. For engines that
/// cannot pace themselves.
/// </summary>
/// <param name="rate">Of what comes in, in hertz.</param>
/// <param name="speed">0.25 to 4.</param>
/// <param name="folder">For what does not go into memory.</param>
internal sealed class PacedSpool(int rate, decimal speed, string folder) : IDisposable
{
    private const int OutputRate = 24_000;
    private const int Block = 1 << 14;

    private readonly SampleSpool _spool = new(folder);
    private readonly StretchStream? _stretch = speed == 1 ? null : new StretchStream(rate, (double)speed);
    private readonly short[] _block = speed == 1 ? [] : new short[Block];

    /// <summary>How loud the loudest sample is.</summary>
    public int Peak { get; private set; }

    /// <summary>Samples that came in.</summary>
    public long Length { get; private set; }

    /// <summary>How long the voice speaks at its own pace.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Length / rate);

    /// <exception cref="SpoolException">The temporary file takes nothing.</exception>
    public void Append(ReadOnlySpan<short> samples)
    {
        Length += samples.Length;
        foreach (var sample in samples)
        {
            Peak = Math.Max(Peak, Math.Abs((int)sample));
        }

        if (_stretch is null)
        {
            _spool.Append(samples);
            return;
        }

        for (; !samples.IsEmpty; samples = samples[Math.Min(Block, samples.Length)..])
        {
            _stretch.Write(samples[..Math.Min(Block, samples.Length)]);
            Drain(_stretch);
        }
    }

    /// <summary>All of it at 24 kHz. Ends the spool.</summary>
    public Pcm ToPcm()
    {
        if (_stretch is not null)
        {
            _stretch.Flush();
            Drain(_stretch);
        }

        var audio = _spool.ToPcm(rate);
        if (rate == OutputRate)
        {
            return audio;
        }

        using (audio.Owner)
        {
            return new Pcm(Resampler.Resample(audio.Samples.Span, rate, OutputRate), OutputRate);
        }
    }

    public void Dispose()
    {
        _stretch?.Dispose();
        _spool.Dispose();
    }

    private void Drain(StretchStream stretch)
    {
        while (stretch.Read(_block) is > 0 and var count)
        {
            _spool.Append(_block.AsSpan(0, count));
        }
    }
}
