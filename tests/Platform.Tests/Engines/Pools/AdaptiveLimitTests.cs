using Platform.Engines;
using Platform.Engines.Pools;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Engines.Pools;

public sealed class AdaptiveLimitTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void Lets_as_many_in_as_the_settings_allow()
    {
        var limit = new AdaptiveLimit(2, time);
        Assert.True(limit.TryEnter());
        Assert.True(limit.TryEnter());
        Assert.False(limit.TryEnter());
        limit.Leave(0, null);
        Assert.Equal(1, limit.Room);
    }

    [Fact]
    public void Stops_for_as_long_as_a_busy_engine_asks_and_goes_on_with_half()
    {
        var limit = new AdaptiveLimit(32, time);
        var started = Enter(limit, 32);
        time.Advance(TimeSpan.FromMilliseconds(1));

        limit.Leave(started, Busy(TimeSpan.FromSeconds(10)));

        Assert.Equal(0, limit.Room);
        Assert.Equal(TimeSpan.FromSeconds(10), limit.Pause);
        for (var i = 0; i < 31; i++)
        {
            // The others of the same round were sent before anybody knew.
            limit.Leave(started, Busy(TimeSpan.FromSeconds(1)));
        }

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(16, limit.Room);
    }

    [Fact]
    public void Pauses_shortly_where_the_engine_does_not_say_how_long_and_never_for_ever()
    {
        var limit = new AdaptiveLimit(4, time);
        limit.Leave(Enter(limit, 1), Busy(null));
        Assert.Equal(TimeSpan.FromSeconds(1), limit.Pause);
        time.Advance(TimeSpan.FromSeconds(1));

        limit.Leave(Enter(limit, 1), Busy(TimeSpan.FromDays(1)));
        Assert.Equal(TimeSpan.FromMinutes(5), limit.Pause);
    }

    [Fact]
    public void Never_goes_below_one()
    {
        var limit = new AdaptiveLimit(8, time);
        for (var i = 0; i < 10; i++)
        {
            var started = Enter(limit, 1);
            time.Advance(TimeSpan.FromMilliseconds(1));
            limit.Leave(started, Busy(TimeSpan.FromMilliseconds(1)));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, limit.Room);
    }

    [Fact]
    public void Finds_back_to_the_whole_limit_with_what_succeeds()
    {
        var limit = new AdaptiveLimit(32, time);
        var started = Enter(limit, 32);
        time.Advance(TimeSpan.FromMilliseconds(1));
        for (var i = 0; i < 32; i++)
        {
            limit.Leave(started, Busy(TimeSpan.FromSeconds(1)));
        }

        time.Advance(TimeSpan.FromSeconds(1));
        var rounds = 0;
        while (limit.Room < 32)
        {
            var room = limit.Room;
            started = Enter(limit, room);
            for (var i = 0; i < room; i++)
            {
                limit.Leave(started, null);
            }

            Assert.True(++rounds < 40);
        }

        Assert.True(rounds > 3, "It must not jump back.");
    }

    [Fact]
    public async Task Somebody_who_waits_enters_when_another_leaves()
    {
        var limit = new AdaptiveLimit(1, time);
        var started = Enter(limit, 1);
        var waiting = limit.EnterAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        limit.Leave(started, null);

        Assert.True(await waiting.SoonAsync());
    }

    [Fact]
    public async Task A_quarter_more_may_be_claimed_and_waits_as_long_as_nothing_is_wrong()
    {
        var limit = new AdaptiveLimit(8, time);
        Assert.Equal(10, limit.Room);
        var started = Enter(limit, 8);
        Assert.Equal(2, limit.Room);
        var waiting = limit.EnterAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(1, limit.Room);

        limit.Leave(started, null);
        Assert.True(await waiting.SoonAsync());
        Assert.Equal(2, limit.Room);
        time.Advance(TimeSpan.FromMilliseconds(1));
        limit.Leave(started, Busy(TimeSpan.FromMilliseconds(1)));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, limit.Room);
    }

    [Fact]
    public async Task Waiting_ends_with_its_patience()
    {
        var limit = new AdaptiveLimit(1, time);
        Enter(limit, 1);
        var waiting = limit.EnterAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await time.WaitForTimersAsync();

        time.Advance(TimeSpan.FromSeconds(6));

        Assert.False(await waiting.SoonAsync());
    }

    private static EngineFailure Busy(TimeSpan? pause) =>
        EngineFailure.Of(FailureKind.Busy, "speak", "busy", "Busy.") with { RetryAfter = pause };

    private long Enter(AdaptiveLimit limit, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(limit.TryEnter());
        }

        return time.GetTimestamp();
    }
}
