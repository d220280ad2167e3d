using Xunit;

namespace Platform.Tests.Fixtures;

public sealed class ManualTimeTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void Stands_still_until_it_is_moved()
    {
        var (start, stamp) = (time.GetUtcNow(), time.GetTimestamp());

        time.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(start.AddMinutes(3), time.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(3), time.GetElapsedTime(stamp));
    }

    [Fact]
    public void Fires_timers_in_order_each_at_its_own_time()
    {
        var start = time.GetUtcNow();
        var fired = new List<(string Name, double At)>();
        void Note(object? name) => fired.Add(((string)name!, (time.GetUtcNow() - start).TotalSeconds));
        using var late = time.CreateTimer(Note, "late", TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using var often = time.CreateTimer(Note, "often", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal([("often", 2.0), ("often", 4.0), ("late", 5.0), ("often", 6.0)], fired);
    }

    [Fact]
    public void A_disposed_or_stopped_timer_is_silent()
    {
        var fired = 0;
        var disposed = time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var stopped = time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        disposed.Dispose();
        Assert.True(stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));

        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(0, fired);
        Assert.False(disposed.Change(TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public async Task Drives_delays_and_tells_when_one_is_waiting()
    {
        var delay = Task.Delay(TimeSpan.FromDays(1), time, TestContext.Current.CancellationToken);
        await time.WaitForTimersAsync();
        Assert.False(delay.IsCompleted);

        time.Advance(TimeSpan.FromDays(1));

        await delay.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_timer_may_start_another_one_that_is_due_on_the_way()
    {
        var fired = new List<DateTimeOffset>();
        ITimer? second = null;
        using var first = time.CreateTimer(
            _ => second = time.CreateTimer(_ => fired.Add(time.GetUtcNow()), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan),
            null,
            TimeSpan.FromSeconds(1),
            Timeout.InfiniteTimeSpan);
        var start = time.GetUtcNow();

        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([start.AddSeconds(2)], fired);
        second?.Dispose();
    }
}
