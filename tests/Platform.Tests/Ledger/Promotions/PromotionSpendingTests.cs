using Platform.Ledger.Promotions;
using Xunit;

namespace Platform.Tests.Ledger.Promotions;

public sealed class PromotionSpendingTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_charge_whose_money_was_bound_before_the_grant_or_after_its_sweep_leaves_it_alone()
    {
        var promotion = Of(100);
        PromotionSpending.Apply([promotion], Capture(30, s_noon.AddHours(-1)));
        Assert.Equal(100, promotion.Remaining);

        promotion.SweptAt = s_noon.AddHours(5);
        PromotionSpending.Apply([promotion], Capture(30, s_noon.AddHours(6)));
        Assert.Equal(100, promotion.Remaining);
        PromotionSpending.Apply([promotion], Capture(30, s_noon.AddHours(5)));
        Assert.Equal(70, promotion.Remaining);
    }

    [Theory]
    [InlineData(250, 100, 50)]
    [InlineData(150, 100, 50)]
    [InlineData(100, 50, 50)]
    [InlineData(30, 0, 30)]
    [InlineData(-10, 0, 0)]
    public void A_debit_leaves_of_promotions_what_the_balance_still_covers(long balanceAfter, long first, long second)
    {
        // The first expires first, so it is also the first to be covered no more.
        Promotion[] open = [Of(100), Of(50)];

        PromotionSpending.Apply(open, new SpendingEntry(1, "debit", 1, balanceAfter, s_noon));

        Assert.Equal((first, second), (open[0].Remaining, open[1].Remaining));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(40, 60)]
    [InlineData(100, 0)]
    [InlineData(250, 0)]
    public void What_is_held_is_kept_back(long held, long due)
    {
        var rest = held;
        Assert.Equal(due, PromotionSpending.Due(Of(100), ref rest));
        Assert.Equal(Math.Max(0, held - 100), rest);
    }

    private static SpendingEntry Capture(long amount, DateTimeOffset boundAt) => new(1, "capture", amount, 0, boundAt);

    private static Promotion Of(long amount) => new()
    {
        Reference = "a", Reason = "b", Amount = amount, Remaining = amount, GrantedAt = s_noon, ExpiresAt = s_noon.AddDays(1),
    };
}
