using Platform.Delivery.Webhooks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

public sealed class WebhookScheduleTests
{
    [Fact]
    public void Waits_a_quarter_to_eight_seconds_and_then_a_minute_to_a_day()
    {
        double[] seconds = [0.25, 0.5, 1, 2, 4, 8, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

        Assert.Equal(seconds, Enumerable.Range(0, 15).Select(step => WebhookSchedule.After(step, dice: 0.5, wish: null)!.Value.TotalSeconds));
        Assert.True(seconds.Sum() > 75 * 3600);
    }

    [Fact]
    public void Is_dead_after_the_last_step()
    {
        Assert.Null(WebhookSchedule.After(15, 0.5, null));
        Assert.Null(WebhookSchedule.After(15, 0.5, TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData(0, 0.8)]
    [InlineData(1, 1.2)]
    [InlineData(0.25, 0.9)]
    public void Spreads_each_wait_by_a_fifth_to_both_sides(double dice, double factor)
    {
        foreach (var (step, delay) in WebhookSchedule.Delays.Index())
        {
            Assert.Equal(delay.TotalSeconds * factor, WebhookSchedule.After(step, dice, null)!.Value.TotalSeconds, 3);
        }
    }

    [Theory]
    [InlineData(0, 30, 30)]
    [InlineData(0, 100_000, 3600)]
    [InlineData(0, -5, 0.25)]
    [InlineData(8, 30, 1800)]
    [InlineData(9, 100_000, 7200)]
    public void Honours_a_wish_for_more_patience_within_an_hour_and_never_for_less(int step, double wish, double expected) =>
        Assert.Equal(expected, WebhookSchedule.After(step, 0.5, TimeSpan.FromSeconds(wish))!.Value.TotalSeconds, 3);
}
