using Platform.Engines;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

/// <summary>References are espeak-ng's own speech, so that their pitch and pace are known; the output's pitch is measured by another method.</summary>
public sealed class VoiceMatchTests(ITestOutputHelper output)
{
    private const string Said = "The harbour master counted every lantern on the quay before he let the boats go out.";

    private const string Wanted = "Bring the letters to the old post office, and ask the clerk for a receipt.";

    [Theory]
    [InlineData("uncle_fu")]
    [InlineData("ryan")]
    [InlineData("eric")]
    [InlineData("aiden")]
    [InlineData("serena")]
    [InlineData("vivian")]
    [InlineData("ono_anna")]
    public async Task Speaks_as_high_as_the_reference(string voice)
    {
        var reference = await Requests.SpeakAsync(Requests.Of(Said, voice));
        var spoken = await CloneAsync(reference, Said);
        var (wanted, got) = (PitchOf(reference), PitchOf(spoken));
        output.WriteLine($"{voice}: {wanted:F0} Hz, matched at {got:F0} Hz");
        Assert.InRange(got / wanted, 0.93, 1.07);
    }

    [Theory]
    [InlineData("0.6", true)]
    [InlineData("1", true)]
    [InlineData("1.5", true)]
    [InlineData("0.6", false)]
    [InlineData("1", false)]
    [InlineData("1.5", false)]
    public async Task Speaks_as_fast_as_the_reference(string speed, bool hasTranscript)
    {
        var factor = decimal.Parse(speed);
        var reference = await Requests.SpeakAsync(Requests.Of(Said, speed: factor));
        var same = await Requests.SpeakAsync(Requests.Of(Wanted, speed: factor));
        var spoken = await CloneAsync(reference, hasTranscript ? Said : null);
        var ratio = same.Duration / spoken.Duration;
        output.WriteLine($"speed {speed}: {ratio:F2} times as fast as the reference would say it");

        // Without a transcript the pace is told from the swells of loudness, of which another sentence has more or fewer.
        Assert.InRange(ratio, hasTranscript ? 0.9 : 0.65, hasTranscript ? 1.1 : 1.55);
    }

    [Fact]
    public async Task Keeps_high_above_low_and_fast_above_slow()
    {
        var low = await CloneAsync(await Requests.SpeakAsync(Requests.Of(Said, "uncle_fu", speed: 0.7m)), null);
        var high = await CloneAsync(await Requests.SpeakAsync(Requests.Of(Said, "ono_anna", speed: 1.6m)), null);
        Assert.True(PitchOf(high) > 2.5 * PitchOf(low), $"{PitchOf(high):F0} Hz, {PitchOf(low):F0} Hz");
        Assert.True(low.Duration > 1.6 * high.Duration, $"{low.Duration}, {high.Duration}");
    }

    [Theory]
    [InlineData("Съешь же ещё этих мягких французских булок, да выпей чаю.", "Russian")]
    [InlineData("今天的天气非常好，我们一起去公园散步吧。", "Chinese")]
    [InlineData("明日の朝、駅の前で会いましょう。", "Japanese")]
    public async Task Matches_a_reference_in_another_language(string said, string language)
    {
        var reference = await Requests.SpeakAsync(Requests.Of(said, "serena", language));
        var spoken = await CloneAsync(reference, said);
        Assert.InRange(PitchOf(spoken) / PitchOf(reference), 0.85, 1.15);
        var plain = await Requests.SpeakAsync(Requests.Of(Wanted, "serena"));
        Assert.InRange(plain.Duration / spoken.Duration, 0.8, 1.25);
    }

    [Fact]
    public async Task Hears_a_reference_at_any_rate()
    {
        var reference = await Requests.SpeakAsync(Requests.Of(Said, "vivian"));
        var slow = new Pcm(Resampler.Resample(reference.Samples.Span, 24_000, 16_000), 16_000);
        Assert.InRange(PitchOf(await CloneAsync(slow, Said)) / PitchOf(reference), 0.88, 1.12);
    }

    [Fact]
    public async Task Lets_the_speed_change_the_pace_of_the_reference_and_seeds_differ()
    {
        var reference = new ReferenceAudio(await Requests.SpeakAsync(Requests.Of(Said, "eric")), Said);
        var request = Requests.Of(Wanted, "clone") with { Reference = reference };
        var usual = await Requests.SpeakAsync(request);
        var fast = await Requests.SpeakAsync(request with { Speed = 2 });
        Assert.InRange(usual.Duration / fast.Duration, 1.94, 2.06);
        Assert.Equal(usual.Samples.ToArray(), (await Requests.SpeakAsync(request)).Samples.ToArray());
        Assert.NotEqual(usual.Samples.ToArray(), (await Requests.SpeakAsync(request with { Seed = 2 })).Samples.ToArray());
    }

    [Fact]
    public async Task Is_not_led_astray_by_a_transcript_of_something_else()
    {
        var reference = await Requests.SpeakAsync(Requests.Of(Said));
        var right = await CloneAsync(reference, Said);
        foreach (var wrong in new[] { "No.", string.Concat(Enumerable.Repeat(Said, 20)), "?!" })
        {
            Assert.InRange((await CloneAsync(reference, wrong)).Duration / right.Duration, 0.7, 1.4);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(24_000)]
    public async Task Speaks_in_the_languages_own_voice_where_the_reference_is_silent(int samples)
    {
        var spoken = await CloneAsync(new Pcm(new short[samples], 24_000), transcript: null);
        var usual = await Requests.SpeakAsync(Requests.Of(Wanted, "ryan"));
        Assert.InRange(PitchOf(spoken) / PitchOf(usual), 0.9, 1.1);
    }

    [Theory]
    [InlineData("clone")]
    [InlineData("auto")]
    public async Task Speaks_in_the_languages_own_voice_without_a_reference(string voice) => Assert.Equal(
        (await Requests.SpeakAsync(Requests.Of(Wanted, "ryan"))).Samples.ToArray(),
        (await Requests.SpeakAsync(Requests.Of(Wanted, voice))).Samples.ToArray());

    [Fact]
    public async Task Answers_a_text_without_words_also_in_a_matched_voice()
    {
        var reference = await Requests.SpeakAsync(Requests.Of(Said));
        var request = Requests.Of("...", "clone") with { Reference = new ReferenceAudio(reference, Said) };
        Assert.InRange((await Requests.SpeakAsync(request)).Duration.TotalSeconds, 0.001, 2);
    }

    [Fact]
    public void Says_that_it_is_an_approximation() => Assert.Contains("not its timbre", Requests.Engine.Note, StringComparison.Ordinal);

    private static double PitchOf(Pcm audio) => Pitch.MedianOf(audio.Samples.Span, audio.SampleRate);

    private static Task<Pcm> CloneAsync(Pcm reference, string? transcript) =>
        Requests.SpeakAsync(Requests.Of(Wanted, "clone") with { Reference = new ReferenceAudio(reference, transcript) });
}
