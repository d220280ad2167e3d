namespace Platform.Engines.LongText;

/// <summary>
/// Joins parts that were spoken one by one into one recording: silence at the edges that meet is cut to a short pause, and each edge fades
/// over a few milliseconds, so that no seam clicks or gapes.
/// </summary>
internal static class JoinSpeech
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(5);

    // Kept beside what was heard: the soft end of a consonant lies under any threshold.
    private static readonly TimeSpan Guard = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Fade = TimeSpan.FromMilliseconds(5);

    /// <summary>A window this far under the loudest one is silence: 1/200 of its amplitude, 46 dB.</summary>
    private const int SilenceRatio = 200;

    /// <summary>Below this nothing is heard whatever the loudest window is.</summary>
    private const int SilenceFloor = 8;

    /// <param name="parts">In order, all of the same rate; <c>End</c> is how the text of a part ends.</param>
    public static Pcm Run(IReadOnlyList<(Pcm Audio, Seam End)> parts)
    {
        if (parts is [var (only, _)])
        {
            return only;
        }

        var rate = parts[0].Audio.SampleRate;
        var pieces = new List<short[]>(2 * parts.Count);
        for (var i = 0; i < parts.Count; i++)
        {
            var piece = Trim(parts[i].Audio.Samples.Span, rate, isFirst: i == 0, isLast: i == parts.Count - 1);
            FadeEdges(piece, Samples(Fade, rate), isFirst: i == 0, isLast: i == parts.Count - 1);
            pieces.Add(piece);
            if (i < parts.Count - 1 && piece.Length > 0)
            {
                pieces.Add(new short[Samples(PauseAfter(parts[i].End), rate)]);
            }
        }

        var whole = new short[pieces.Sum(static piece => piece.Length)];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.CopyTo(whole, at);
            at += piece.Length;
        }

        return new Pcm(whole, rate);
    }

    /// <summary>Together with what is kept of both edges well under the 400 ms from which a pause sounds like a fault.</summary>
    private static TimeSpan PauseAfter(Seam end) => TimeSpan.FromMilliseconds(end switch
    {
        Seam.Sentence => 160,
        Seam.Clause => 60,
        _ => 0,
    });

    private static short[] Trim(ReadOnlySpan<short> samples, int rate, bool isFirst, bool isLast)
    {
        var window = Samples(Window, rate);
        var threshold = Threshold(samples, window);
        var (first, last) = (0, samples.Length);
        if (!isFirst)
        {
            while (first < samples.Length && IsSilent(samples[first..Math.Min(first + window, samples.Length)], threshold))
            {
                first += window;
            }

            first = Math.Min(first, samples.Length);
        }

        if (!isLast)
        {
            while (last > first && IsSilent(samples[Math.Max(first, last - window)..last], threshold))
            {
                last = Math.Max(first, last - window);
            }
        }

        if (first >= last)
        {
            return [];
        }

        var guard = Samples(Guard, rate);
        return samples[Math.Max(0, first - guard)..Math.Min(samples.Length, last + guard)].ToArray();
    }

    private static void FadeEdges(Span<short> piece, int length, bool isFirst, bool isLast)
    {
        length = Math.Min(length, piece.Length / 2);
        for (var i = 0; i < length; i++)
        {
            if (!isFirst)
            {
                piece[i] = (short)(piece[i] * i / length);
            }

            if (!isLast)
            {
                piece[^(i + 1)] = (short)(piece[^(i + 1)] * i / length);
            }
        }
    }

    private static double Threshold(ReadOnlySpan<short> samples, int window)
    {
        var loudest = 0d;
        for (var at = 0; at < samples.Length; at += window)
        {
            loudest = Math.Max(loudest, Loudness(samples[at..Math.Min(at + window, samples.Length)]));
        }

        return Math.Max(SilenceFloor, loudest / SilenceRatio);
    }

    private static bool IsSilent(ReadOnlySpan<short> samples, double threshold) => Loudness(samples) <= threshold;

    private static double Loudness(ReadOnlySpan<short> samples)
    {
        double sum = 0;
        foreach (var sample in samples)
        {
            sum += (double)sample * sample;
        }

        return samples.IsEmpty ? 0 : Math.Sqrt(sum / samples.Length);
    }

    private static int Samples(TimeSpan time, int rate) => (int)(time.TotalSeconds * rate);
}
