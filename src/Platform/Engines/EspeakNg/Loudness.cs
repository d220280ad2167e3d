namespace Platform.Engines.EspeakNg;

/// <summary>How loud moments of a recording are, as the root of their mean square.</summary>
internal static class Loudness
{
    /// <summary>Speech is seldom 26 dB below its own loudest moment; what is softer is a pause, breath or the room.</summary>
    private const double GateOfLoudest = 0.05;

    public static double Of(ReadOnlySpan<short> samples)
    {
        var sum = 0.0;
        foreach (var sample in samples)
        {
            sum += (double)sample * sample;
        }

        return samples.IsEmpty ? 0 : Math.Sqrt(sum / samples.Length);
    }

    /// <summary>The loudness above which a moment of this recording counts as spoken.</summary>
    public static double GateOf(ReadOnlySpan<short> samples, int window)
    {
        var loudest = 0.0;
        for (var start = 0; start + window <= samples.Length; start += window)
        {
            loudest = Math.Max(loudest, Of(samples.Slice(start, window)));
        }

        return Math.Max(1, GateOfLoudest * loudest);
    }
}
