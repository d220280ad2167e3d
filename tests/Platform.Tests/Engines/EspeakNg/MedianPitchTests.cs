using Platform.Engines;
using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class MedianPitchTests
{
    [Theory]
    [InlineData(70)]
    [InlineData(98)]
    [InlineData(150)]
    [InlineData(233)]
    [InlineData(330)]
    [InlineData(400)]
    public void Measures_a_tone_with_overtones(double hertz)
    {
        foreach (var rate in new[] { 8_000, 16_000, 24_000, 48_000 })
        {
            var measured = MedianPitch.Of(Tone(hertz, rate, TimeSpan.FromSeconds(1)));
            Assert.InRange(measured ?? 0, hertz * 0.985, hertz * 1.015);
        }
    }

    [Theory]
    [InlineData("ryan")]
    [InlineData("serena")]
    [InlineData("ono_anna")]
    public async Task Agrees_with_another_method_on_speech(string voice)
    {
        var audio = await Requests.SpeakAsync(Requests.Of(Requests.English, voice));
        Assert.InRange(MedianPitch.Of(audio)!.Value / Pitch.MedianOf(audio.Samples.Span, audio.SampleRate), 0.95, 1.05);
    }

    [Fact]
    public void Finds_none_in_silence_noise_and_nothing()
    {
        var random = new Random(9);
        var noise = new short[24_000];
        foreach (ref var sample in noise.AsSpan())
        {
            sample = (short)random.Next(-8_000, 8_000);
        }

        Assert.Null(MedianPitch.Of(new Pcm(noise, 24_000)));
        Assert.Null(MedianPitch.Of(new Pcm(new short[24_000], 24_000)));
        Assert.Null(MedianPitch.Of(new Pcm(default, 24_000)));
        Assert.Null(MedianPitch.Of(new Pcm(new short[100], 24_000)));
    }

    [Fact]
    public void Overflows_at_no_loudness()
    {
        var square = new short[24_000];
        for (var i = 0; i < square.Length; i++)
        {
            square[i] = i / 100 % 2 == 0 ? short.MaxValue : short.MinValue;
        }

        Assert.InRange(MedianPitch.Of(new Pcm(square, 24_000)) ?? 0, 118, 122);
    }

    private static Pcm Tone(double hertz, int rate, TimeSpan length)
    {
        var samples = new short[(int)(rate * length.TotalSeconds)];
        for (var i = 0; i < samples.Length; i++)
        {
            var angle = 2 * Math.PI * hertz * i / rate;
            samples[i] = (short)(4_000 * (Math.Sin(angle) + (0.6 * Math.Sin(2 * angle)) + (0.4 * Math.Sin(3 * angle))));
        }

        return new Pcm(samples, rate);
    }
}
