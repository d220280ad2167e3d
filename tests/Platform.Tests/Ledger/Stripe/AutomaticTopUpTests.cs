using Platform.Ledger.Stripe;
using Platform.LocalStripe;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Stripe;

/// <summary>Payments that begin by themselves: once for each time that little is left, and with a brake.</summary>
public sealed class AutomaticTopUpTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private const long Below = 5_000_000;
    private const long Amount = 20_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_has_little_left_gets_one_payment_however_often_the_sweep_comes()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await TenantAsync(stage, "ok");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SweepAsync(stage)));
        await SweepAsync(stage);
        await stage.FlushAsync();

        Assert.Equal(1_000_000 + Amount, await stage.BalanceAsync(tenant));
        Assert.Equal("paid", await stage.NewestAsync(tenant));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task Who_has_enough_is_left_alone()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await TenantAsync(stage, "ok", credit: Below);

        await SweepAsync(stage);

        Assert.Equal(Below, await stage.BalanceAsync(tenant));
    }

    [Theory]
    [InlineData("card_declined")]
    [InlineData("authentication_required")]
    public async Task A_refused_card_is_shown_audited_and_not_asked_again_at_once(string code)
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await TenantAsync(stage, code);

        await SweepAsync(stage);
        await SweepAsync(stage);

        Assert.Equal("failed " + code, await stage.NewestAsync(tenant));
        Assert.Equal(1, await stage.CountAsync("top_ups where tenant_id = $1", tenant));
        var payer = (await stage.Get<PayingCustomers>().FindForTenantAsync(tenant, Token))!;
        Assert.Equal((1, code), (payer.Failures, payer.LastFailure));
        Assert.True(payer.ResumesAt > TimeProvider.System.GetUtcNow().AddMinutes(50));
        Assert.Equal(1, await stage.CountAsync("audit_log where tenant_id = $1 and action = 'payments.automatic.failed'", tenant));
    }

    [Fact]
    public async Task After_its_wait_it_is_tried_again_and_a_payment_clears_the_failures()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await TenantAsync(stage, "card_declined");
        await SweepAsync(stage);

        stage.Stripe.Account.SetCard(await stage.CustomerAsync(tenant), "ok");
        await spine.ExecuteAsync("update stripe_customers set resumes_at = now() where tenant_id = $1", tenant);
        await SweepAsync(stage);

        Assert.Equal(1_000_000 + Amount, await stage.BalanceAsync(tenant));
        Assert.Equal(0, (await stage.Get<PayingCustomers>().FindForTenantAsync(tenant, Token))!.Failures);
    }

    [Fact]
    public async Task Without_a_saved_card_it_fails_by_name()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await TenantAsync(stage, null);

        await SweepAsync(stage);

        Assert.Equal("failed no_payment_method", await stage.NewestAsync(tenant));
    }

    [Theory]
    [InlineData(Trouble.CutAfter)]
    [InlineData(Trouble.CutBefore)]
    [InlineData(Trouble.Refuse)]
    internal async Task A_payment_whose_answer_was_lost_is_looked_for_and_never_made_twice(Trouble trouble)
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.MaxRetries = 0);
        var tenant = await TenantAsync(stage, "ok");
        stage.Stripe.Break(new Fault(trouble, "/v1/payment_intents"));
        await SweepAsync(stage);
        Assert.Equal("open", await stage.NewestAsync(tenant));

        await spine.ExecuteAsync("update top_ups set tried_at = now() - interval '1 minute' where tenant_id = $1", tenant);
        await SweepAsync(stage);

        Assert.Equal(1_000_000 + Amount, await stage.BalanceAsync(tenant));
        Assert.Single(stage.Stripe.Account.List("payment_intent", new Form("")));
    }

    [Fact]
    public async Task What_nobody_knows_after_a_day_is_given_up_and_not_paid_anew()
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.MaxRetries = 0);
        var tenant = await TenantAsync(stage, "ok");
        stage.Stripe.Break(new Fault(Trouble.CutBefore, "/v1/payment_intents"));
        await SweepAsync(stage);

        await spine.ExecuteAsync(
            "update top_ups set tried_at = now() - interval '1 day', created_at = now() - interval '25 hours' where tenant_id = $1", tenant);
        await SweepAsync(stage);

        Assert.Equal("failed unknown_outcome", await stage.NewestAsync(tenant));
        Assert.Equal(1_000_000, await stage.BalanceAsync(tenant));
    }

    [Fact]
    public async Task The_brake_holds_after_so_many_a_day()
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.AutomaticPerDay = 2);
        var tenant = await TenantAsync(stage, "ok");
        for (var i = 0; i < 4; i++)
        {
            await SweepAsync(stage);
            await spine.ExecuteAsync("update accounts set balance = 1000000 where tenant_id = $1", tenant);
        }

        Assert.Equal(2, await stage.CountAsync("top_ups where tenant_id = $1 and state = 'paid'", tenant));
    }

    [Fact]
    public async Task Settings_are_audited_and_a_customer_belongs_to_one_tenant()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (one, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        await stage.BeginAsync(one);
        var customers = stage.Get<PayingCustomers>();
        var change = new PayingChange { SetsAutomatic = true, AutoBelow = Below, AutoAmount = Amount };

        Assert.Equal(PayingOutcome.NoCustomer, await customers.ChangeAsync(other, change, "test", Token));
        Assert.Equal(PayingOutcome.NoTenant, await customers.ChangeAsync(Guid.NewGuid(), change, "test", Token));
        Assert.Equal(
            PayingOutcome.CustomerTaken,
            await customers.ChangeAsync(other, new PayingChange { Customer = await stage.CustomerAsync(one) }, "test", Token));
        Assert.Equal(PayingOutcome.CustomerUnknown, await customers.ChangeAsync(other, new PayingChange { Customer = "cus_nobody" }, "test", Token));
        Assert.Equal(PayingOutcome.Changed, await customers.ChangeAsync(one, change, "test", Token));
        Assert.Equal(
            "payments.customer payments.automatic",
            await spine.AskAsync<string>(
                "select string_agg(action, ' ' order by audit_id) from audit_log where tenant_id = $1 and action like 'payments.%'", one));
    }

    private async Task<Guid> TenantAsync(PaymentStage stage, string? card, long credit = 1_000_000)
    {
        var tenant = await spine.TenantAsync(credit);
        var customer = await stage.Get<PayingCustomers>().EnsureAsync(tenant, Token);
        stage.Stripe.Account.SetCard(customer, card);
        await stage.Get<PayingCustomers>().ChangeAsync(
            tenant, new PayingChange { SetsAutomatic = true, AutoBelow = Below, AutoAmount = Amount }, "test", Token);
        return tenant;
    }

    // Other tests of this class leave tenants with little money: their payments fail at this test's Stripe and are none of its business.
    private static Task SweepAsync(PaymentStage stage) => stage.Get<AutomaticTopUps>().RunAsync(Token);
}
