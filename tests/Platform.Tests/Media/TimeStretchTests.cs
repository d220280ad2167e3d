using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class TimeStretchTests
{
    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(1.3)]
    [InlineData(2)]
    [InlineData(4)]
    public void Changes_the_length_by_its_factor_and_keeps_the_pitch(double factor)
    {
        const int Rate = 22_050;
        var output = TimeStretch.Stretch(Tone.Of(200, Rate, 2), Rate, factor);
        Assert.InRange(output.Length * factor / (2.0 * Rate), 0.97, 1.03);
        Assert.InRange(Tone.FrequencyOf(output, Rate), 195, 205);
    }

    [Fact]
    public void Makes_nothing_of_nothing() => Assert.Empty(TimeStretch.Stretch([], 22_050, 2));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(21)]
    [InlineData(double.NaN)]
    public void Refuses_a_factor_that_is_none(double factor) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TimeStretch.Stretch(new short[100], 22_050, factor));
}
