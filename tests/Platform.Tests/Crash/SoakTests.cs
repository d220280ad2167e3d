using Platform.Bench.Soak;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>
/// The soak of <c>./dev bench --only soak</c>, short enough for every run: everything that goes wrong with tasks, several at a time, from a seed; and all books
/// agree afterwards.
/// </summary>
public sealed class SoakTests(TestDatabase database, ITestOutputHelper output) : IClassFixture<TestDatabase>
{
    private const int Tasks = 3000;

    [Fact]
    public async Task After_failures_cancels_kills_doubles_and_clock_jumps_the_books_agree()
    {
        var figures = await SoakRun.RunAsync(
            database.ConnectionString, new SoakPlan(Seed: 4, Tasks), TestContext.Current.CancellationToken);

        output.WriteLine(figures.ToString());
        Assert.True(figures is { Differences: 0, FailedChecks: 0 }, figures.Found);

        // A soak in which nothing went wrong would show nothing.
        Assert.True(figures.Accepted >= Tasks);
        Assert.All(
            new[]
            {
                figures.Delivered, figures.Failures, figures.Cancels, figures.Crashes, figures.Duplicates, figures.ClockJumps, figures.Kills, figures.Refunds,
            },
            count => Assert.NotEqual(0, count));
    }
}
