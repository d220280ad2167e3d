namespace Platform.Engines;

/// <summary>Mono 16-bit linear PCM.</summary>
/// <param name="Samples">The samples, in order.</param>
/// <param name="SampleRate">Samples per second, in hertz.</param>
internal sealed record Pcm(ReadOnlyMemory<short> Samples, int SampleRate)
{
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / SampleRate);

    /// <summary>Holds the samples where they do not lie in ordinary memory; to be disposed when nobody reads them any more.</summary>
    public IDisposable? Owner { get; init; }
}
