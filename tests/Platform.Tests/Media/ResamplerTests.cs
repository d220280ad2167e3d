using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class ResamplerTests
{
    [Theory]
    [InlineData(22_050, 24_000)]
    [InlineData(24_000, 44_100)]
    [InlineData(24_000, 8_000)]
    [InlineData(48_000, 24_000)]
    public void Keeps_pitch_and_duration(int from, int to)
    {
        var output = Resampler.Resample(Tone.Of(440, from, 1), from, to);
        Assert.Equal(to, output.Length);
        Assert.InRange(Tone.FrequencyOf(output, to), 438, 442);
    }

    [Fact]
    public void Keeps_the_loudness()
    {
        var output = Resampler.Resample(Tone.Of(440, 22_050, 1), 22_050, 24_000);
        Assert.InRange(output.Skip(2000).Take(20_000).Max(), 7900, 8100);
    }

    [Fact]
    public void Takes_out_what_the_lower_rate_cannot_hold() =>
        Assert.InRange(Resampler.Resample(Tone.Of(9_000, 24_000, 1), 24_000, 12_000).Skip(500).Take(11_000).Max(), 0, 10);

    [Fact]
    public void Gives_the_same_samples_each_time()
    {
        var tone = Tone.Of(440, 22_050, 0.3);
        Assert.Equal(Resampler.Resample(tone, 22_050, 24_000), Resampler.Resample(tone, 22_050, 24_000));
    }

    [Fact]
    public void Leaves_the_samples_alone_at_the_same_rate() => Assert.Equal([1, 2, 3], Resampler.Resample([1, 2, 3], 24_000, 24_000));

    [Fact]
    public void Makes_nothing_of_nothing() => Assert.Empty(Resampler.Resample([], 22_050, 24_000));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    public void Copes_with_a_handful_of_samples(int length) =>
        Assert.Equal((int)Math.Round(length * 24_000 / 22_050.0), Resampler.Resample(new short[length], 22_050, 24_000).Length);
}
