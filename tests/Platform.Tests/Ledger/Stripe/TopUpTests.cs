using System.Text.Json.Nodes;
using Platform.Ledger.Stripe;
using Platform.LocalStripe;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Stripe;

/// <summary>A payment by a page of Stripe: credited once when it is paid, and not otherwise.</summary>
public sealed class TopUpTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private const long Paid = 25_000_000;

    [Fact]
    public async Task What_was_paid_is_credited()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);

        var session = await stage.BeginAsync(tenant);
        Assert.Equal(0, await stage.BalanceAsync(tenant));
        stage.Stripe.Dashboard.Pay(session);
        await stage.FlushAsync();

        Assert.Equal(Paid, await stage.BalanceAsync(tenant));
        Assert.Equal("paid", await stage.NewestAsync(tenant));
        Assert.Equal(1, await stage.CountAsync("audit_log where tenant_id = $1 and action = 'credits.credit'", tenant));
    }

    [Fact]
    public async Task Events_that_come_twice_and_in_any_order_credit_once()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        stage.Stripe.Dashboard.Pay(await stage.BeginAsync(tenant));
        var events = stage.Events();

        await Task.WhenAll(events.Reverse().Concat(events).Concat(events).Select(stage.ReceiveAsync));

        Assert.Equal(Paid, await stage.BalanceAsync(tenant));
        Assert.Equal(2, events.Count);
        Assert.Equal(3, await spine.AskAsync<int>("select deliveries from stripe_events where event_id = $1", (string)events[0]["id"]!));
    }

    [Theory]
    [InlineData(true, Paid, "paid")]
    [InlineData(false, 0, "failed payment_failed")]
    public async Task A_payment_that_takes_days_is_credited_when_it_arrives(bool succeeds, long balance, string state)
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var session = await stage.BeginAsync(tenant);
        stage.Stripe.Dashboard.Pay(session, paymentStatus: "unpaid");
        await stage.FlushAsync();
        Assert.Equal(0, await stage.BalanceAsync(tenant));

        stage.Stripe.Dashboard.Finish(session, succeeds);
        await stage.FlushAsync();

        Assert.Equal(balance, await stage.BalanceAsync(tenant));
        Assert.Equal(state, await stage.NewestAsync(tenant));
    }

    [Fact]
    public async Task A_session_that_expires_is_over()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        stage.Stripe.Dashboard.Expire(await stage.BeginAsync(tenant));
        await stage.FlushAsync();

        Assert.Equal("expired nobody paid in time", await stage.NewestAsync(tenant));
    }

    [Theory]
    [InlineData("amount", "2499", "amount")]
    [InlineData("currency", "\"eur\"", "USD")]
    [InlineData("livemode", "true", "mode")]
    [InlineData("customer", "\"cus_somebody\"", "customer")]
    public async Task A_payment_that_is_not_what_was_asked_for_moves_nothing(string field, string value, string reason)
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var payment = stage.Stripe.Dashboard.Pay(await stage.BeginAsync(tenant));
        stage.Stripe.Dashboard.Change(payment, field, JsonNode.Parse(value));

        await stage.FlushAsync();

        Assert.Equal(0, await stage.BalanceAsync(tenant));
        Assert.Equal(2, await stage.CountAsync(
            "audit_log where tenant_id = $1 and action = 'payments.event.refused' and after->>'reason' like '%' || $2 || '%'", tenant, reason));
    }

    [Fact]
    public async Task A_payment_with_a_top_up_that_nobody_knows_is_refused_and_one_without_is_ignored()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        await stage.BeginAsync(tenant);
        var customer = await stage.CustomerAsync(tenant);
        stage.Stripe.Dashboard.PayOtherwise(2500, customer, topUp: Guid.NewGuid().ToString());
        stage.Stripe.Dashboard.PayOtherwise(2500, customer);
        var events = stage.Events();

        foreach (var told in events)
        {
            await stage.ReceiveAsync(told);
        }

        Assert.Equal("refused", await StateOfAsync(events[0]));
        Assert.Equal("ignored", await StateOfAsync(events[1]));
        Assert.Equal(0, await stage.BalanceAsync(tenant));
    }

    [Fact]
    public async Task The_same_reference_is_the_same_top_up()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);

        var first = await stage.StartAsync(tenant, reference: "order 7");
        var second = await stage.StartAsync(tenant, reference: "order 7");

        Assert.Equal((TopUpOutcome.Started, TopUpOutcome.Known), (first.Outcome, second.Outcome));
        Assert.Equal(first.TopUp!.Url, second.TopUp!.Url);
        Assert.Equal(TopUpOutcome.Conflict, (await stage.StartAsync(tenant, cents: 2600, reference: "order 7")).Outcome);
    }

    [Fact]
    public async Task An_answer_that_was_lost_leaves_one_session()
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.MaxRetries = 0);
        var tenant = await spine.TenantAsync(credit: 0);
        stage.Stripe.Break(new Fault(Trouble.CutAfter, "/v1/checkout/sessions"));

        var lost = await stage.StartAsync(tenant, reference: "order 8");
        var again = await stage.StartAsync(tenant, reference: "order 8");

        Assert.Equal((TopUpOutcome.Away, TopUpOutcome.Known), (lost.Outcome, again.Outcome));
        Assert.Single(stage.Stripe.Account.List("checkout.session", new Form("")));
        Assert.NotNull(again.TopUp!.Url);
    }

    [Fact]
    public async Task Two_at_once_make_one_customer()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => stage.BeginAsync(tenant)));

        Assert.Single(stage.Stripe.Account.List("customer", new Form("")));
    }

    [Fact]
    public async Task A_tenant_may_begin_only_so_many_an_hour()
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.TopUpsPerHour = 2);
        var tenant = await spine.TenantAsync(credit: 0);
        await stage.BeginAsync(tenant);
        await stage.BeginAsync(tenant);

        Assert.Equal(TopUpOutcome.TooMany, (await stage.StartAsync(tenant)).Outcome);
    }

    [Fact]
    public async Task Who_is_invoiced_takes_no_top_ups_and_without_a_key_nobody_does()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        Assert.Equal(TopUpOutcome.Postpaid, (await stage.StartAsync((await stage.PostpaidAsync()).Tenant)).Outcome);

        await using var unconfigured = await PaymentStage.StartAsync(spine, options => options.SecretKey = "");
        Assert.Equal(TopUpOutcome.NotConfigured, (await unconfigured.StartAsync(await spine.TenantAsync())).Outcome);
        Assert.Equal(Reception.NotConfigured, await unconfigured.ReceiveAsync("{}", "t=1,v1=0"));
        // Events that others were refused stand in the same books; what would need Stripe's answer is not asked.
        Assert.Matches("^(eventRefused ?)*$", await unconfigured.DifferencesAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task An_event_that_could_not_be_applied_is_applied_by_the_sweep()
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.MaxRetries = 0);
        var tenant = await spine.TenantAsync(credit: 0);
        stage.Stripe.Dashboard.Pay(await stage.BeginAsync(tenant));
        stage.Stripe.Break(new Fault(Trouble.Refuse, "/v1/", 2) { Status = 503, IsPostOnly = false });
        await stage.FlushAsync();
        Assert.Equal(0, await stage.BalanceAsync(tenant));

        await spine.ExecuteAsync("update stripe_events set next_attempt_at = now() where state = 'waiting'");
        await stage.Get<ApplyEvents>().RunAsync(null, TestContext.Current.CancellationToken);

        Assert.Equal(Paid, await stage.BalanceAsync(tenant));
        Assert.Equal(0, await stage.CountAsync("stripe_events where state = 'waiting'"));
    }

    [Theory]
    [InlineData("{", Reception.Malformed)]
    [InlineData("[]", Reception.Malformed)]
    [InlineData("""{"id":"evt_1","type":"a","object":"event"}""", Reception.Malformed)]
    [InlineData("""{"id":"evt_1","type":"a","object":"event","livemode":false,"created":"x","data":{"object":{}}}""", Reception.Malformed)]
    [InlineData("""{"id":"evt_1","type":"a","object":"event","livemode":true,"created":1,"data":{"object":{}}}""", Reception.OtherMode)]
    internal async Task A_signed_call_that_is_no_event_of_ours_is_refused(string body, Reception expected)
    {
        await using var stage = await PaymentStage.StartAsync(spine);

        Assert.Equal(expected, await stage.ReceiveAsync(body, Webhooks.Sign(body, PaymentStage.Secret, TimeProvider.System.GetUtcNow())));
    }

    [Fact]
    public async Task Forged_and_old_calls_are_refused_and_audited_once_a_minute()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        stage.Stripe.Dashboard.Pay(await stage.BeginAsync(tenant));
        var body = stage.Events()[0].ToJsonString();
        var now = TimeProvider.System.GetUtcNow();
        var before = await stage.CountAsync("audit_log where action = 'payments.event.refused' and after->>'reason' in ('Forged', 'Stale')");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Reception.Forged, await stage.ReceiveAsync(body, Webhooks.Sign(body, "whsec_guessed_by_somebody", now)));
            Assert.Equal(Reception.Stale, await stage.ReceiveAsync(body, Webhooks.Sign(body, PaymentStage.Secret, now.AddMinutes(-10))));
        }

        Assert.Equal(0, await stage.BalanceAsync(tenant));
        Assert.Equal(before + 2, await stage.CountAsync("audit_log where action = 'payments.event.refused' and after->>'reason' in ('Forged', 'Stale')"));
    }

    [Fact]
    public async Task A_paid_invoice_of_a_postpaid_tenant_is_credited_once()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        stage.Stripe.Dashboard.PayInvoice(customer, 1234);
        var told = stage.Events()[0];

        await stage.ReceiveAsync(told);
        await stage.ReceiveAsync(told);

        Assert.Equal(12_340_000, await stage.BalanceAsync(tenant));
    }

    private Task<string> StateOfAsync(JsonObject told) =>
        spine.AskAsync<string>("select state from stripe_events where event_id = $1", (string)told["id"]!);
}
