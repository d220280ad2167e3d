using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class Mp3BitratesTests
{
    [Theory]
    [InlineData(44_100, 128, 128)]
    [InlineData(44_100, 100, 96)]
    [InlineData(44_100, 105, 112)]
    [InlineData(44_100, 33, 32)]
    [InlineData(44_100, 319, 320)]
    [InlineData(24_000, 9, 8)]
    [InlineData(24_000, 13, 16)]
    [InlineData(24_000, 150, 144)]
    [InlineData(8_000, 63, 64)]
    public void Takes_the_nearest_step(int rate, int asked, int expected) =>
        Assert.Equal(expected, Mp3Bitrates.Nearest(rate, asked));

    [Theory]
    [InlineData(44_100, 36, 32)]
    [InlineData(44_100, 104, 96)]
    [InlineData(44_100, 176, 160)]
    [InlineData(44_100, 288, 256)]
    [InlineData(24_000, 12, 8)]
    [InlineData(24_000, 152, 144)]
    [InlineData(8_000, 60, 56)]
    public void Takes_the_lower_step_on_a_tie(int rate, int asked, int expected) =>
        Assert.Equal(expected, Mp3Bitrates.Nearest(rate, asked));

    [Fact]
    public void Leaves_every_step_as_it_is()
    {
        foreach (var rate in new[] { 8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000 })
        {
            foreach (var step in Mp3Bitrates.Of(rate))
            {
                Assert.Equal(step, Mp3Bitrates.Nearest(rate, step));
            }
        }
    }

    [Fact]
    public void Knows_no_step_for_a_rate_that_mp3_lacks() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Mp3Bitrates.Nearest(96_000, 128));
}
