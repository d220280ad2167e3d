namespace Platform.Tests.Media;

/// <summary>A sine to measure rate and pitch changes with.</summary>
internal static class Tone
{
    public static short[] Of(double hertz, int rate, double seconds) =>
        [.. Enumerable.Range(0, (int)(rate * seconds)).Select(i => (short)(8000 * Math.Sin(2 * Math.PI * hertz * i / rate)))];

    /// <summary>By the sign changes of the middle half, away from what the edges do.</summary>
    public static double FrequencyOf(ReadOnlySpan<short> samples, int rate)
    {
        var middle = samples.Slice(samples.Length / 4, samples.Length / 2);
        var crossings = 0;
        for (var i = 1; i < middle.Length; i++)
        {
            crossings += middle[i - 1] < 0 && middle[i] >= 0 ? 1 : 0;
        }

        return (double)crossings * rate / middle.Length;
    }
}
