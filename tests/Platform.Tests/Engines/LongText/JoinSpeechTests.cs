using Platform.Engines;
using Platform.Engines.LongText;
using Xunit;

namespace Platform.Tests.Engines.LongText;

public sealed class JoinSpeechTests
{
    private const int Rate = 24_000;

    [Fact]
    public void A_lone_part_stays_as_it_is()
    {
        var only = Voice(0.5, before: 1, after: 1);
        Assert.Same(only, JoinSpeech.Run([(only, Seam.Sentence)]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Silence_where_parts_meet_is_cut_to_a_short_pause(double silence)
    {
        var part = Voice(0.5, before: silence, after: silence);
        var whole = JoinSpeech.Run([(part, Seam.Sentence), (part, Seam.Sentence), (part, Seam.Sentence)]);

        var gaps = Gaps(whole);
        Assert.Equal(silence > 0 ? 4 : 2, gaps.Count);
        Assert.All(gaps.Where(gap => gap.At > 0 && gap.At + gap.Length < whole.Samples.Length), gap => Assert.InRange(gap.Length, Rate / 8, Rate * 3 / 10));

        // What lies before the first word and behind the last is the provider's and stays.
        Assert.InRange(silence > 0 ? gaps[0].Length : 0, (int)(silence * Rate) - 5, (int)(silence * Rate) + 5);
    }

    [Fact]
    public void A_cut_inside_a_sentence_makes_no_pause_of_its_own()
    {
        var part = Voice(0.5, before: 0, after: 0);
        Assert.Equal(2 * part.Samples.Length, JoinSpeech.Run([(part, Seam.None), (part, Seam.Sentence)]).Samples.Length);
        var clause = JoinSpeech.Run([(part, Seam.Clause), (part, Seam.Sentence)]).Samples.Length;
        Assert.InRange(clause - (2 * part.Samples.Length), 1, Rate / 8);
    }

    [Fact]
    public void Edges_that_meet_fade_so_that_nothing_clicks()
    {
        var loud = new Pcm(Enumerable.Repeat((short)20_000, Rate / 2).ToArray(), Rate);
        var whole = JoinSpeech.Run([(loud, Seam.Sentence), (loud, Seam.None), (loud, Seam.Sentence)]).Samples.ToArray();

        var steps = whole.Zip(whole.Skip(1), static (one, next) => Math.Abs(one - next)).Max();
        Assert.InRange(steps, 1, 400);
        Assert.Equal((20_000, 20_000), (whole[0], whole[^1]));
    }

    [Fact]
    public void A_part_of_silence_alone_vanishes()
    {
        var (voice, silence) = (Voice(0.5, 0, 0), new Pcm(new short[Rate * 2], Rate));
        var whole = JoinSpeech.Run([(voice, Seam.Sentence), (silence, Seam.Sentence), (voice, Seam.Sentence)]);
        Assert.InRange(whole.Duration.TotalSeconds, 1, 1.3);
    }

    [Fact]
    public void Quiet_ends_of_words_are_kept()
    {
        // A hiss at a hundredth of the voice's loudness, as an s has at its end.
        var samples = Voice(0.5, 0, 0.5).Samples.ToArray();
        for (var i = Rate / 2; i < Rate * 6 / 10; i++)
        {
            samples[i] = (short)(i % 2 == 0 ? 80 : -80);
        }

        var whole = JoinSpeech.Run([(new Pcm(samples, Rate), Seam.None), (Voice(0.5, 0, 0), Seam.Sentence)]);
        Assert.InRange(whole.Duration.TotalSeconds, 1.1, 1.2);
    }

    internal static Pcm Voice(double seconds, double before, double after, double hertz = 440)
    {
        var (lead, length, tail) = ((int)(before * Rate), (int)(seconds * Rate), (int)(after * Rate));
        var samples = new short[lead + length + tail];
        for (var i = 0; i < length; i++)
        {
            samples[lead + i] = (short)(8000 * Math.Cos(2 * Math.PI * hertz * i / Rate));
        }

        return new Pcm(samples, Rate);
    }

    /// <summary>Stretches of at least 20 ms in which nothing is heard.</summary>
    internal static List<(int At, int Length)> Gaps(Pcm audio)
    {
        var samples = audio.Samples.Span;
        var gaps = new List<(int At, int Length)>();
        var start = 0;
        for (var i = 0; i <= samples.Length; i++)
        {
            if (i < samples.Length && Math.Abs((int)samples[i]) <= 40)
            {
                continue;
            }

            if (i - start >= audio.SampleRate / 50)
            {
                gaps.Add((start, i - start));
            }

            start = i + 1;
        }

        return gaps;
    }
}
