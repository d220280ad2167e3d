namespace Platform.Tests.Engines.EspeakNg;

/// <summary>Measures how high a voice is, by autocorrelation of short windows.</summary>
internal static class Pitch
{
    private const int Window = 960;
    private const double Lowest = 60;
    private const double Highest = 360;

    /// <summary>The median fundamental frequency of the voiced windows, in hertz.</summary>
    public static double MedianOf(ReadOnlySpan<short> samples, int rate)
    {
        var found = new List<double>();
        for (var start = 0; start + Window + (rate / Lowest) < samples.Length; start += Window)
        {
            if (Find(samples[start..], rate) is { } hertz)
            {
                found.Add(hertz);
            }
        }

        found.Sort();
        return found[found.Count / 2];
    }

    private static double? Find(ReadOnlySpan<short> samples, int rate)
    {
        var energy = Dot(samples, samples);
        if (energy / Window < 300 * 300)
        {
            return null;
        }

        var shortest = (int)(rate / Highest);
        var likeness = new double[(int)(rate / Lowest) - shortest];
        for (var i = 0; i < likeness.Length; i++)
        {
            var later = samples[(shortest + i)..];
            likeness[i] = Dot(samples, later) / Math.Sqrt((energy * Dot(later, later)) + 1);
        }

        // The first peak that is nearly the best: later ones are multiples of the period.
        var best = likeness.Max();
        for (var i = 1; best > 0.6 && i < likeness.Length - 1; i++)
        {
            if (likeness[i] > 0.9 * best && likeness[i] > likeness[i - 1] && likeness[i] >= likeness[i + 1])
            {
                return (double)rate / (shortest + i);
            }
        }

        return null;
    }

    private static double Dot(ReadOnlySpan<short> a, ReadOnlySpan<short> b)
    {
        var sum = 0.0;
        for (var i = 0; i < Window; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }
}
