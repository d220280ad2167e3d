using Platform.Ledger;
using Platform.Ledger.Stripe;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Stripe;

/// <summary>Refunds and disputes take back what was credited, as far as it is there; the rest is owed.</summary>
public sealed class ReversalTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refunds_in_parts_take_back_each_part_once()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var payment = await stage.PaidAsync(tenant);

        stage.Stripe.Dashboard.Refund(payment, 1000);
        stage.Stripe.Dashboard.Refund(payment, 500);
        var events = stage.Events();
        foreach (var told in events.Concat(events.Reverse()))
        {
            await stage.ReceiveAsync(told);
        }

        Assert.Equal(10_000_000, await stage.BalanceAsync(tenant));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("canceled")]
    public async Task A_refund_that_does_not_arrive_is_given_back(string status)
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var refund = stage.Stripe.Dashboard.Refund(await stage.PaidAsync(tenant), 1000, "pending");
        await stage.FlushAsync();
        Assert.Equal(15_000_000, await stage.BalanceAsync(tenant));

        stage.Stripe.Dashboard.Move(refund, status);
        await stage.FlushAsync();

        Assert.Equal(25_000_000, await stage.BalanceAsync(tenant));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Theory]
    [InlineData("won", 25_000_000)]
    [InlineData("lost", 0)]
    public async Task A_dispute_takes_the_money_until_it_is_won(string outcome, long balance)
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var dispute = stage.Stripe.Dashboard.Dispute(await stage.PaidAsync(tenant), 2500);
        await stage.FlushAsync();
        Assert.Equal(0, await stage.BalanceAsync(tenant));

        stage.Stripe.Dashboard.Move(dispute, "under_review");
        stage.Stripe.Dashboard.Move(dispute, outcome);
        foreach (var told in stage.Events().Reverse())
        {
            await stage.ReceiveAsync(told);
        }

        Assert.Equal(balance, await stage.BalanceAsync(tenant));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task An_inquiry_takes_nothing()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        stage.Stripe.Dashboard.Dispute(await stage.PaidAsync(tenant), 2500, "warning_needs_response");
        await stage.FlushAsync();

        Assert.Equal(25_000_000, await stage.BalanceAsync(tenant));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task What_is_spent_already_is_owed_and_taken_from_what_comes_in()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var payment = await stage.PaidAsync(tenant);
        await spine.Get<AddCredit>().RunAsync(tenant, -19_000_000, "spent", "for a test", Token);

        stage.Stripe.Dashboard.Refund(payment, 1000);
        await stage.FlushAsync();

        Assert.Equal(0, await stage.BalanceAsync(tenant));
        Assert.Equal(4_000_000, await stage.Get<FollowReversal>().OwedAsync(tenant, Token));
        Assert.Equal("", await stage.DifferencesAsync(tenant));

        await stage.PaidAsync(tenant, cents: 1000);
        await stage.Get<FollowReversal>().CollectAsync(Token);
        await stage.Get<FollowReversal>().CollectAsync(Token);

        Assert.Equal(6_000_000, await stage.BalanceAsync(tenant));
        Assert.Equal(0, await stage.Get<FollowReversal>().OwedAsync(tenant, Token));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task What_is_held_for_tasks_is_not_taken()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var payment = await stage.PaidAsync(tenant);
        await spine.RunningAsync(tenant, results: 2, price: 10_000_000);

        stage.Stripe.Dashboard.Refund(payment, 2500);
        await stage.FlushAsync();

        Assert.Equal("20000000 20000000", await spine.MoneyAsync(tenant));
        Assert.Equal(20_000_000, await stage.Get<FollowReversal>().OwedAsync(tenant, Token));
    }

    [Fact]
    public async Task A_refund_that_is_told_before_its_payment_comes_after_it()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var payment = stage.Stripe.Dashboard.Pay(await stage.BeginAsync(tenant));
        stage.Stripe.Dashboard.Refund(payment, 2500);

        foreach (var told in stage.Events().Reverse())
        {
            await stage.ReceiveAsync(told);
        }

        Assert.Equal(0, await stage.BalanceAsync(tenant));
        Assert.Equal("credit 25000000, debit 25000000", await spine.EntriesAsync(tenant));
    }

    [Fact]
    public async Task A_refund_of_somebody_elses_payment_is_ignored()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        stage.Stripe.Dashboard.Refund(stage.Stripe.Dashboard.PayOtherwise(2500, null), 2500);
        var events = stage.Events();

        foreach (var told in events)
        {
            await stage.ReceiveAsync(told);
            Assert.Equal("ignored", await spine.AskAsync<string>("select state from stripe_events where event_id = $1", (string)told["id"]!));
        }
    }

    [Fact]
    public async Task Many_at_once_end_where_Stripe_stands()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var dispute = stage.Stripe.Dashboard.Dispute(await stage.PaidAsync(tenant), 2500);
        var events = stage.Events().ToList();
        foreach (var status in new[] { "under_review", "won", "needs_response", "won" })
        {
            stage.Stripe.Dashboard.Move(dispute, status);
            events.AddRange(stage.Events());
            await Task.WhenAll(events.Select(stage.ReceiveAsync));
        }

        Assert.Equal(25_000_000, await stage.BalanceAsync(tenant));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }
}
