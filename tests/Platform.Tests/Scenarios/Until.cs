using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Looks again and again at what sends no signal: another process, seen from outside.</summary>
internal static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    public static async Task<T> FoundAsync<T>(Func<Task<T?>> look, double seconds = 60)
        where T : class
    {
        using var timer = new PeriodicTimer(Pause);
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start).TotalSeconds < seconds, $"It did not happen within {seconds} s.");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<Task<bool>> look, double seconds = 60) =>
        FoundAsync(async () => await look() ? "yes" : null, seconds);
}

/// <summary>Lists of text, compared as one text: a difference then shows both lists whole.</summary>
internal static class Listed
{
    public static void Same(IEnumerable<string?> expected, IEnumerable<string?> actual) =>
        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
}
