using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class EspeakEngineTests
{
    private static readonly string[] Voices =
        ["uncle_fu", "ryan", "dylan", "eric", "aiden", "serena", "sohee", "vivian", "ono_anna"];

    [Fact]
    public async Task Speaks_at_24_kilohertz_and_audibly()
    {
        var audio = await Requests.SpeakAsync(Requests.Of(Requests.English));
        Assert.Equal(24_000, audio.SampleRate);
        Assert.InRange(audio.Duration.TotalSeconds, 2.5, 5);
        Assert.InRange(Math.Sqrt(audio.Samples.ToArray().Average(sample => (double)sample * sample)), 1000, 10_000);
    }

    [Fact]
    public async Task Gives_nine_voices_that_are_apart_in_pitch()
    {
        var pitches = new List<double>();
        foreach (var voice in Voices)
        {
            var audio = await Requests.SpeakAsync(Requests.Of(Requests.English, voice));
            pitches.Add(Pitch.MedianOf(audio.Samples.Span, audio.SampleRate));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(' ', Voices.Zip(pitches, (voice, hertz) => $"{voice}={hertz:F0}")));
        for (var i = 1; i < pitches.Count; i++)
        {
            Assert.True(pitches[i] > 1.07 * pitches[i - 1], $"{Voices[i - 1]} {pitches[i - 1]:F0} Hz, {Voices[i]} {pitches[i]:F0} Hz");
        }
    }

    [Theory]
    [InlineData("0.25")]
    [InlineData("0.29")]
    [InlineData("0.5")]
    [InlineData("0.97")]
    [InlineData("1")]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    [InlineData("4")]
    public async Task Keeps_to_the_asked_speed(string speed)
    {
        var factor = decimal.Parse(speed);
        (string Text, string Language)[] texts =
        [
            (Requests.English, "English"),
            ("Съешь же ещё этих мягких французских булок.", "Russian"),
            ("今天的天气非常好，我们一起去公园散步吧。", "Chinese"),
        ];
        foreach (var (text, language) in texts)
        {
            var usual = await Requests.SpeakAsync(Requests.Of(text, language: language));
            var paced = await Requests.SpeakAsync(Requests.Of(text, language: language, speed: factor));
            Assert.InRange(paced.Duration.TotalSeconds * (double)factor / usual.Duration.TotalSeconds, 0.97, 1.03);
        }
    }

    [Theory]
    [InlineData("0.25")]
    [InlineData("4")]
    public async Task Keeps_the_voice_at_the_ends_of_the_speed_range(string speed)
    {
        var usual = await Requests.SpeakAsync(Requests.Of(Requests.English, "serena"));
        var paced = await Requests.SpeakAsync(Requests.Of(Requests.English, "serena", speed: decimal.Parse(speed)));
        var pitch = Pitch.MedianOf(usual.Samples.Span, usual.SampleRate);
        Assert.InRange(Pitch.MedianOf(paced.Samples.Span, paced.SampleRate), pitch * 0.9, pitch * 1.1);
    }

    [Theory]
    [InlineData("1", 0.8)]
    [InlineData("2", 0.4)]
    [InlineData("0.5", 1.6)]
    public async Task Stops_at_the_token_cap_and_says_so(string speed, double seconds)
    {
        var request = Requests.Of(Requests.English, speed: decimal.Parse(speed)) with { MaxNewTokens = 10 };
        var outcome = await Requests.Engine.SpeakAsync(request, TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded);
        Assert.True(outcome.CapHit);
        Assert.Equal(seconds, outcome.Audio.Duration.TotalSeconds, 0.02);
        Assert.True(outcome.Audio.Duration.TotalSeconds <= seconds + 0.0001);
    }

    [Fact]
    public async Task Does_not_mention_the_cap_where_it_is_not_reached()
    {
        var outcome = await Requests.Engine.SpeakAsync(Requests.Of(Requests.English), TestContext.Current.CancellationToken);
        Assert.False(outcome.CapHit);
    }

    [Fact]
    public async Task Gives_the_same_audio_for_the_same_seed_and_another_for_each_of_twenty()
    {
        var request = Requests.Of("Mind the gap.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = -3; seed < 17; seed++)
        {
            var first = (await Requests.SpeakAsync(request with { Seed = seed })).Samples.ToArray();
            Assert.Equal(first, (await Requests.SpeakAsync(request with { Seed = seed })).Samples.ToArray());
            Assert.True(seen.Add(string.Join(',', first)), $"Seed {seed} repeats another.");
        }
    }

    [Fact]
    public async Task Serves_eight_requests_at_once_as_it_would_one()
    {
        var requests = Voices[..8].Select(voice => Requests.Of(Requests.English, voice, speed: 1.5m)).ToList();
        var together = await Task.WhenAll(requests.Select(Requests.SpeakAsync));
        for (var i = 0; i < requests.Count; i++)
        {
            Assert.Equal((await Requests.SpeakAsync(requests[i])).Samples.ToArray(), together[i].Samples.ToArray());
        }
    }

    [Fact]
    public async Task Ignores_the_prompt()
    {
        var plain = await Requests.SpeakAsync(Requests.Of("Mind the gap."));
        var prompted = await Requests.SpeakAsync(Requests.Of("Mind the gap.") with { Prompt = "Speak with great enthusiasm" });
        Assert.Equal(plain.Samples.ToArray(), prompted.Samples.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    [InlineData("...")]
    [InlineData("?!—")]
    [InlineData("\u0001\u0002\u200B")]
    [InlineData("😀")]
    public async Task Answers_a_text_without_words_with_a_short_clip(string text)
    {
        var audio = await Requests.SpeakAsync(Requests.Of(text, speed: 2));
        Assert.InRange(audio.Duration.TotalSeconds, 0.001, 2);
    }

    [Fact]
    public async Task Speaks_the_longest_text_that_is_accepted()
    {
        var text = string.Concat(Enumerable.Repeat("word ", 400));
        var audio = await Requests.SpeakAsync(Requests.Of(text));
        Assert.InRange(audio.Duration.TotalSeconds, 60, 163.84);
    }
}
