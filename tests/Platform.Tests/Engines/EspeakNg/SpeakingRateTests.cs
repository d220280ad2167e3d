using Platform.Engines;
using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class SpeakingRateTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public void Counts_swells_of_a_tone(int perSecond)
    {
        var samples = new short[24_000 * 3];
        for (var i = 0; i < samples.Length; i++)
        {
            var swell = 0.55 - (0.45 * Math.Cos(2 * Math.PI * perSecond * i / 24_000));
            samples[i] = (short)(9_000 * swell * Math.Sin(2 * Math.PI * 140 * i / 24_000));
        }

        Assert.Equal(perSecond, SpeakingRate.PeaksPerSecond(new Pcm(samples, 24_000)) ?? 0, 0.4);
    }

    [Fact]
    public async Task Tells_fast_speech_from_slow()
    {
        var slow = SpeakingRate.PeaksPerSecond(await Requests.SpeakAsync(Requests.Of(Requests.English, speed: 0.7m)));
        var usual = SpeakingRate.PeaksPerSecond(await Requests.SpeakAsync(Requests.Of(Requests.English)));
        var fast = SpeakingRate.PeaksPerSecond(await Requests.SpeakAsync(Requests.Of(Requests.English, speed: 1.5m)));
        Assert.True(slow < 0.85 * usual && usual < 0.85 * fast, $"{slow} {usual} {fast}");
    }

    [Fact]
    public void Leaves_the_silence_around_the_speech_out_of_its_length()
    {
        var samples = new short[24_000 * 4];
        for (var i = 24_000; i < 24_000 * 3; i++)
        {
            samples[i] = (short)(9_000 * Math.Sin(2 * Math.PI * 140 * i / 24_000));
        }

        Assert.InRange(SpeakingRate.SpokenLength(new Pcm(samples, 24_000)).TotalSeconds, 1.95, 2.1);
    }

    [Fact]
    public void Says_nothing_of_silence()
    {
        foreach (var samples in new[] { 0, 100, 24_000 })
        {
            Assert.Null(SpeakingRate.PeaksPerSecond(new Pcm(new short[samples], 24_000)));
            Assert.Equal(TimeSpan.Zero, SpeakingRate.SpokenLength(new Pcm(new short[samples], 24_000)));
        }
    }
}
