using System.Diagnostics;
using Platform.Bench.Load;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class LatenciesTests
{
    [Theory]
    [InlineData(50, 50)]
    [InlineData(95, 95)]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(0, 1)]
    public void Gives_the_nearest_rank(double percent, int expected)
    {
        var latencies = new Latencies();
        foreach (var value in Enumerable.Range(1, 100).Reverse())
        {
            latencies.Add(value * Stopwatch.Frequency / 1000);
        }

        Assert.Equal(expected, latencies.Percentile(percent).TotalMilliseconds, 3);
    }

    [Fact]
    public void Keeps_sorting_right_when_more_is_added_after_a_look()
    {
        var latencies = new Latencies();
        latencies.Add(10 * Stopwatch.Frequency);
        Assert.Equal(10, latencies.Percentile(50).TotalSeconds, 3);
        latencies.Add(Stopwatch.Frequency);
        latencies.Add(Stopwatch.Frequency);
        Assert.Equal(1, latencies.Percentile(50).TotalSeconds, 3);
    }

    [Fact]
    public void Grows_past_its_first_room()
    {
        var latencies = new Latencies();
        for (var i = 0; i < 200_000; i++)
        {
            latencies.Add(i);
        }

        Assert.Equal(200_000, latencies.Count);
    }

    [Fact]
    public void Is_zero_when_nothing_was_measured() => Assert.Equal(TimeSpan.Zero, new Latencies().Percentile(99));
}
