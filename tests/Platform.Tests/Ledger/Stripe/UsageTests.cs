using Platform.Ledger.Stripe;
using Platform.LocalStripe;
using Platform.Tenants;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Stripe;

/// <summary>What postpaid tenants use, at Stripe's meter: each charge once, to the last micro-USD.</summary>
public sealed class UsageTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Charges_of_an_hour_are_one_event_of_their_sum()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        var earlier = Now.AddHours(-3);
        foreach (var amount in new long[] { 100, 200, 333_333 })
        {
            await stage.ChargeAsync(tenant, amount, at: earlier);
        }

        await stage.ChargeAsync(tenant, 7, at: Now);
        await stage.SendUsageAsync();
        await stage.SendUsageAsync();

        Assert.Equal([333_633, 7], Values(stage, customer));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task A_refund_takes_usage_back_and_what_cancels_out_sends_nothing()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 500);
        await stage.SendUsageAsync();
        await stage.ChargeAsync(tenant, 500, "refund");
        await stage.SendUsageAsync();
        await stage.ChargeAsync(tenant, 40);
        await stage.ChargeAsync(tenant, 40, "refund");
        await stage.SendUsageAsync();

        Assert.Equal([500, -500], Values(stage, customer));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Theory]
    [InlineData(Trouble.CutAfter)]
    [InlineData(Trouble.CutBefore)]
    [InlineData(Trouble.Refuse)]
    internal async Task An_event_whose_answer_was_lost_is_sent_again_and_counts_once(Trouble trouble)
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.MaxRetries = 0);
        var (tenant, customer) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 900);
        stage.Stripe.Break(new Fault(trouble, "/v1/billing/meter_events"));
        await stage.SendUsageAsync();

        await spine.ExecuteAsync("update stripe_usage set next_attempt_at = now() where tenant_id = $1", tenant);
        await stage.SendUsageAsync();

        Assert.Equal([900], Values(stage, customer));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task An_identifier_that_Stripe_knows_counts_as_sent()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 900);
        await stage.SendUsageAsync();

        // As after a crash between Stripe's answer and our commit, when the idempotency key is another's by now.
        await spine.ExecuteAsync(
            "update stripe_usage set state = 'due', next_attempt_at = now() where tenant_id = $1", tenant);
        stage.Stripe.ForgetKeys();
        await stage.SendUsageAsync();

        Assert.Equal([900], Values(stage, customer));
        Assert.Equal("sent", await StateAsync(tenant));
    }

    [Fact]
    public async Task Two_schedulers_make_one_event()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 900);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(stage.SendUsageAsync)));

        Assert.Equal([900], Values(stage, customer));
    }

    [Fact]
    public async Task Only_what_was_used_while_postpaid_is_sent()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 1);
        await BillingAsync(tenant, "prepaid");
        await stage.ChargeAsync(tenant, 20);
        await BillingAsync(tenant, "postpaid");
        await stage.ChargeAsync(tenant, 300);
        await BillingAsync(tenant, "prepaid");
        await stage.ChargeAsync(tenant, 4000);
        await stage.SendUsageAsync();

        Assert.Equal(301, Values(stage, customer).Sum());
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task What_was_used_before_the_customer_was_known_is_not_sent()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, _) = await spine.Get<RegisterTenants>().CreateTenantAsync(
            new TenantDraft("later") { Billing = "postpaid", CreditLimit = 1000 }, "test", Token);
        await stage.ChargeAsync(tenant.TenantId, 50);
        var customer = await stage.Get<PayingCustomers>().EnsureAsync(tenant.TenantId, Token);
        await stage.ChargeAsync(tenant.TenantId, 6);

        await stage.SendUsageAsync();

        Assert.Equal([6], Values(stage, customer));
    }

    [Fact]
    public async Task What_is_older_than_Stripe_takes_is_named_and_sent_by_an_operator_with_this_moment_as_its_time()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 77, at: Now.AddDays(-36));
        await stage.SendUsageAsync();
        Assert.Equal("late", await StateAsync(tenant));

        Assert.Equal(Correction.SentAgain, await stage.Get<CorrectUsage>().ResendAsync(await IdentifierAsync(tenant), isLost: false, "test", Token));
        await stage.SendUsageAsync();

        Assert.Equal([77], Values(stage, customer));
    }

    [Fact]
    public async Task What_nobody_knows_after_a_day_is_not_sent_again_by_itself()
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.MaxRetries = 0);
        var (tenant, customer) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 900);
        stage.Stripe.Break(new Fault(Trouble.CutAfter, "/v1/billing/meter_events"));
        await stage.SendUsageAsync();
        await spine.ExecuteAsync(
            "update stripe_usage set next_attempt_at = now(), tried_at = now() - interval '24 hours' where tenant_id = $1", tenant);

        await stage.SendUsageAsync();

        Assert.Equal("unsure", await StateAsync(tenant));
        Assert.Equal([900], Values(stage, customer));
        Assert.Equal("meterEventForeign usageUnsure", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task What_Stripe_cannot_use_is_marked_by_its_report_and_sent_again_once_it_can()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 250);
        await stage.SendUsageAsync();
        stage.Stripe.Dashboard.RejectUsage(await IdentifierAsync(tenant), "meter_event_customer_not_found");
        await stage.FlushAsync();
        Assert.Equal("failed", await StateAsync(tenant));
        Assert.Equal("usageFailed", await stage.DifferencesAsync(tenant));

        await stage.Get<CorrectUsage>().ResendAsync(await IdentifierAsync(tenant), isLost: false, "test", Token);
        await stage.SendUsageAsync();

        Assert.Equal([250], Values(stage, customer));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task An_event_is_taken_back_at_Stripe_within_a_day_and_by_an_opposite_one_later()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        var correct = stage.Get<CorrectUsage>();
        await stage.ChargeAsync(tenant, 10);
        await stage.SendUsageAsync();
        var first = await IdentifierAsync(tenant);

        Assert.Equal(Correction.Cancelled, await correct.CancelAsync(first, "test", Token));
        Assert.Equal(Correction.WrongState, await correct.CancelAsync(first, "test", Token));
        Assert.Empty(Values(stage, customer));

        await stage.ChargeAsync(tenant, 30);
        await stage.SendUsageAsync();
        await spine.ExecuteAsync("update stripe_usage set sent_at = now() - interval '2 days' where tenant_id = $1", tenant);
        var second = await IdentifierAsync(tenant);
        Assert.Equal(Correction.Compensated, await correct.CancelAsync(second, "test", Token));
        Assert.Equal(Correction.WrongState, await correct.CancelAsync(second, "test", Token));
        await stage.SendUsageAsync();

        Assert.Equal([30, -30], Values(stage, customer));
        Assert.Equal(Correction.NotFound, await correct.CancelAsync("usage-unknown", "test", Token));
        Assert.Equal(2, await stage.CountAsync("audit_log where tenant_id = $1 and action in ('usage.cancel', 'usage.compensate')", tenant));
        Assert.Equal("", await stage.DifferencesAsync(tenant));
    }

    private static long[] Values(PaymentStage stage, string customer) =>
        [.. stage.Stripe.Account.Meter.Events.Where(one => one.Customer == customer).Select(static one => one.Value)];

    private Task BillingAsync(Guid tenant, string billing) =>
        spine.ExecuteAsync("update tenants set billing = $2 where tenant_id = $1", tenant, billing);

    private Task<string> StateAsync(Guid tenant) =>
        spine.AskAsync<string>("select state from stripe_usage where tenant_id = $1 order by usage_id desc limit 1", tenant);

    private Task<string> IdentifierAsync(Guid tenant) =>
        spine.AskAsync<string>("select identifier from stripe_usage where tenant_id = $1 order by usage_id desc limit 1", tenant);
}
