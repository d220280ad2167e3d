namespace Platform.Engines.EspeakNg;

/// <summary>How fast somebody speaks in a recording, told from its loudness alone, whatever the language.</summary>
internal static class SpeakingRate
{
    private const int HopsPerSecond = 100;

    /// <summary>Half the width of the smoothing, in hops: 70 ms in all pass a syllable and blur what is within it.</summary>
    private const int Reach = 3;

    /// <summary>How far loudness must fall between two syllables: 2 dB.</summary>
    private const double Dip = 0.8;

    private const int FewestPeaks = 4;

    /// <summary>From the first spoken moment to the last; zero for silence.</summary>
    public static TimeSpan SpokenLength(Pcm audio)
    {
        var (loudness, gate) = Envelope(audio);
        var first = Array.FindIndex(loudness, moment => moment > gate);
        var last = Array.FindLastIndex(loudness, moment => moment > gate);
        return first < 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)(last - first + 1) / HopsPerSecond);
    }

    /// <summary>
    /// Peaks of loudness per second of speech, about one a syllable. Good for comparing two recordings, not as a count; null where
    /// there are too few to compare.
    /// </summary>
    public static double? PeaksPerSecond(Pcm audio)
    {
        var (loudness, gate) = Envelope(audio);
        var spoken = loudness.Count(moment => moment > gate);
        var peaks = 0;
        var isRising = false;
        var turn = double.MaxValue;
        foreach (var moment in loudness)
        {
            // Uphill the highest moment so far is kept, downhill the lowest; a turn counts once loudness has left it by a dip.
            turn = isRising ? Math.Max(turn, moment) : Math.Min(turn, moment);
            if (isRising && moment < Dip * turn)
            {
                peaks += turn > gate ? 1 : 0;
                (isRising, turn) = (false, moment);
            }
            else if (!isRising && turn < Dip * moment)
            {
                (isRising, turn) = (true, moment);
            }
        }

        return peaks >= FewestPeaks ? (double)peaks * HopsPerSecond / spoken : null;
    }

    private static (double[] Moments, double Gate) Envelope(Pcm audio)
    {
        var hop = audio.SampleRate / HopsPerSecond;
        var samples = audio.Samples.Span;
        var moments = new double[samples.Length / hop];
        for (var i = 0; i < moments.Length; i++)
        {
            var start = Math.Max(0, (i - Reach) * hop);
            var end = Math.Min(samples.Length, (i + Reach + 1) * hop);
            moments[i] = Loudness.Of(samples[start..end]);
        }

        return (moments, Loudness.GateOf(samples, hop * ((2 * Reach) + 1)));
    }
}
