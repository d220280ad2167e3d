using Platform.Media;

namespace Platform.Engines.EspeakNg;

/// <summary>
/// How high a voice is: the median fundamental frequency of the voiced moments of a recording, by the YIN method
/// (de Cheveigné and Kawahara, 2002).
/// </summary>
internal static class MedianPitch
{
    /// <summary>Enough for any voice's fundamental, and a ninth of the work that 24 kHz would be.</summary>
    private const int Rate = 8_000;

    private const int Window = Rate / 25;
    private const int Hop = Rate / 50;
    private const int ShortestPeriod = Rate / 450;
    private const int LongestPeriod = Rate / 60;

    /// <summary>YIN's threshold: how unlike a period may be to its neighbour and still count as voiced.</summary>
    private const double Threshold = 0.15;

    private const int FewestMoments = 5;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>In hertz; null when nearly nothing in the recording is voiced. Only its first 30 seconds are heard.</summary>
    public static double? Of(Pcm audio)
    {
        var length = (int)Math.Min(audio.Samples.Length, Longest.TotalSeconds * audio.SampleRate);
        var samples = Resampler.Resample(audio.Samples.Span[..length], audio.SampleRate, Rate);
        var gate = Loudness.GateOf(samples, Window);
        var differences = new double[LongestPeriod + 2];
        var found = new List<double>();
        for (var start = 0; start + Window + differences.Length <= samples.Length; start += Hop)
        {
            var moment = samples.AsSpan(start, Window + differences.Length);
            if (Loudness.Of(moment[..Window]) > gate && PeriodOf(moment, differences) is { } period)
            {
                found.Add(Rate / period);
            }
        }

        found.Sort();
        return found.Count >= FewestMoments ? found[found.Count / 2] : null;
    }

    private static double? PeriodOf(ReadOnlySpan<short> moment, Span<double> differences)
    {
        Normalise(moment, differences);
        for (var period = ShortestPeriod; period <= LongestPeriod; period++)
        {
            if (differences[period] < Threshold)
            {
                while (period < LongestPeriod && differences[period + 1] < differences[period])
                {
                    period++;
                }

                return period + Lowest(differences[period - 1], differences[period], differences[period + 1]);
            }
        }

        return null;
    }

    /// <summary>The squared difference at each lag over its mean at all lags up to there, which keeps lag 0 from always winning.</summary>
    private static void Normalise(ReadOnlySpan<short> moment, Span<double> differences)
    {
        differences[0] = 1;
        var sum = 0.0;
        for (var lag = 1; lag < differences.Length; lag++)
        {
            long difference = 0;
            for (var i = 0; i < Window; i++)
            {
                long step = moment[i] - moment[i + lag];
                difference += step * step;
            }

            sum += difference;
            differences[lag] = sum > 0 ? difference * lag / sum : 1;
        }
    }

    /// <summary>Where a parabola through three neighbours is lowest, from the middle one.</summary>
    private static double Lowest(double before, double at, double after)
    {
        var curve = before - (2 * at) + after;
        return curve > 0 ? Math.Clamp((before - after) / (2 * curve), -0.5, 0.5) : 0;
    }
}
