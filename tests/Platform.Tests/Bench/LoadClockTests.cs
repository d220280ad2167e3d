using System.Diagnostics;
using System.Net;
using Platform.Bench.Load;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class LoadClockTests
{
    private static readonly LoadPlan Plan = new(new IPEndPoint(IPAddress.Loopback, 1), TaskRequest.Render("h", "k", isAsync: false), 1)
    {
        WarmUp = TimeSpan.FromSeconds(2),
        Window = TimeSpan.FromSeconds(3),
        Windows = 2,
        Patience = TimeSpan.FromSeconds(10),
    };

    [Theory]
    [InlineData(0, null)]
    [InlineData(1.99, null)]
    [InlineData(2, 0)]
    [InlineData(4.99, 0)]
    [InlineData(5, 1)]
    [InlineData(7.99, 1)]
    [InlineData(8, null)]
    public void Puts_an_instant_into_its_window(double seconds, int? window) =>
        Assert.Equal(window, new LoadClock(Plan, Start).WindowOf(At(seconds)));

    [Fact]
    public void Takes_a_counted_run_as_one_window() =>
        Assert.Equal(0, new LoadClock(Plan with { Count = 5 }, Start).WindowOf(At(0)));

    [Theory]
    [InlineData(null, 17.9, false)]
    [InlineData(null, 18.1, true)]
    [InlineData(5, 9.9, false)]
    [InlineData(5, 10.1, true)]
    public void Runs_out_of_patience_after_the_last_sending(int? count, double seconds, bool isOut) =>
        Assert.Equal(isOut, new LoadClock(Plan with { Count = count }, Start).IsOutOfPatience(At(seconds)));

    private static long Start => 1000 * Stopwatch.Frequency;

    private static long At(double seconds) => Start + (long)(seconds * Stopwatch.Frequency);
}
