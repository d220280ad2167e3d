using Platform.Ledger;
using Platform.Ledger.Stripe;
using Platform.LocalStripe;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Stripe;

/// <summary>The reconciliation with Stripe: clean books are clean, and each difference that is planted is found and named.</summary>
public sealed class PlantedPaymentTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_payment_that_was_never_credited_is_found_and_followed()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var payment = stage.Stripe.Dashboard.Pay(await stage.BeginAsync(tenant));

        Assert.Equal("paymentNotCredited", await stage.DifferencesAsync(tenant));

        await stage.Get<FollowObject>().RunAsync(payment, Token);
        Assert.Equal("", await stage.DifferencesAsync(tenant));
        Assert.Equal(25_000_000, await stage.BalanceAsync(tenant));
    }

    [Fact]
    public async Task A_credit_without_a_payment_is_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        await stage.PaidAsync(tenant);
        await spine.Get<AddCredit>().RunAsync(tenant, 10_000_000, "stripe:pi_never_was", "planted", Token);

        Assert.Equal("creditWithoutPayment", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task A_payment_that_Stripe_has_lost_is_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        stage.Stripe.Dashboard.Forget(await stage.PaidAsync(tenant));

        Assert.Equal("creditWithoutPayment", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task Another_amount_at_Stripe_is_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        stage.Stripe.Dashboard.Change(await stage.PaidAsync(tenant), "amount_received", 2400);

        Assert.Equal("paymentAmount", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task A_payment_by_our_customer_without_a_top_up_is_foreign()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        await stage.PaidAsync(tenant);
        stage.Stripe.Dashboard.PayOtherwise(900, await stage.CustomerAsync(tenant));

        Assert.Equal("paymentForeign", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task A_payment_with_a_top_up_that_is_not_ours_is_foreign_and_somebody_elses_is_not_looked_at()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        stage.Stripe.Dashboard.PayOtherwise(900, null, topUp: Guid.NewGuid().ToString());
        stage.Stripe.Dashboard.PayOtherwise(900, "cus_of_a_shop");

        Assert.Equal("paymentForeign", await stage.DifferencesAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task A_top_up_that_was_paid_twice_is_found_and_credited_once()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        await stage.PaidAsync(tenant);
        var topUp = await spine.AskAsync<Guid>("select top_up_id from top_ups where tenant_id = $1", tenant);
        stage.Stripe.Dashboard.PayOtherwise(2500, await stage.CustomerAsync(tenant), topUp: topUp.ToString());
        await stage.FlushAsync();

        Assert.Equal("eventRefused paymentDoubled", await stage.DifferencesAsync(tenant));
        Assert.Equal(25_000_000, await stage.BalanceAsync(tenant));
    }

    [Fact]
    public async Task A_payment_that_another_tenant_got_is_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, other) = (await spine.TenantAsync(credit: 0), await spine.TenantAsync(credit: 0));
        var payment = stage.Stripe.Dashboard.Pay(await stage.BeginAsync(tenant));
        await spine.Get<AddCredit>().RunAsync(other, 25_000_000, "stripe:" + payment, "planted", Token);

        Assert.Equal("paymentWrongTenant", await stage.DifferencesAsync(other));
    }

    [Fact]
    public async Task A_refund_and_a_dispute_that_nobody_took_back_are_found_and_followed()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var payment = await stage.PaidAsync(tenant);
        var refund = stage.Stripe.Dashboard.Refund(payment, 100);
        var dispute = stage.Stripe.Dashboard.Dispute(payment, 200);

        Assert.Equal("disputeNotReversed refundNotReversed", await stage.DifferencesAsync(tenant));

        await stage.Get<FollowObject>().RunAsync(refund, Token);
        await stage.Get<FollowObject>().RunAsync(dispute, Token);
        Assert.Equal("", await stage.DifferencesAsync(tenant));
        Assert.Equal(22_000_000, await stage.BalanceAsync(tenant));
    }

    [Fact]
    public async Task A_refund_that_failed_meanwhile_and_one_that_is_gone_are_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        var payment = await stage.PaidAsync(tenant);
        var (failed, gone) = (stage.Stripe.Dashboard.Refund(payment, 100), stage.Stripe.Dashboard.Refund(payment, 200));
        await stage.FlushAsync();
        stage.Stripe.Dashboard.Change(failed, "status", "failed");
        stage.Stripe.Dashboard.Forget(gone);

        Assert.Equal("refundAmount reversalUnknown", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task A_reversal_whose_entries_say_something_else_is_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var tenant = await spine.TenantAsync(credit: 0);
        stage.Stripe.Dashboard.Refund(await stage.PaidAsync(tenant), 100);
        await stage.FlushAsync();
        await spine.ExecuteAsync("update stripe_reversals set taken = taken + 1, due = due where tenant_id = $1", tenant);

        Assert.Equal("refundBookedWrong", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task Invoices_that_are_not_credited_and_credits_without_an_invoice_are_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        stage.Stripe.Dashboard.PayInvoice(customer, 500);
        await spine.Get<AddCredit>().RunAsync(tenant, 1_000_000, "stripe:in_never_was", "planted", Token);

        Assert.Equal("creditWithoutInvoice invoiceNotCredited", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task A_meter_event_that_Stripe_lost_and_one_that_somebody_else_sent_are_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, customer) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 100);
        await stage.SendUsageAsync();
        var meter = stage.Stripe.Account.Meter;
        var sent = Assert.Single(meter.Events);
        meter.Events.Clear();
        Assert.Equal("meterEventMissing", await stage.DifferencesAsync(tenant));

        meter.Events.Add(sent);
        meter.Events.Add(sent with { Identifier = "somebody else", Value = 5 });
        Assert.Equal("meterEventForeign", await stage.DifferencesAsync(tenant));
        Assert.Equal(customer, sent.Customer);
    }

    [Theory]
    [InlineData("delete from stripe_usage where tenant_id = $1", "meterEventForeign usageLost")]
    [InlineData("update stripe_usage set value = value + 1 where tenant_id = $1", "meterEventMissing usageAmount")]
    [InlineData(
        "insert into stripe_usage (tenant_id, customer, first_entry, last_entry, value, at, identifier, state) select tenant_id, customer, first_entry, "
            + "last_entry, value, at, 'again', 'sent' from stripe_usage where tenant_id = $1",
        "meterEventMissing usageDoubled")]
    [InlineData("update stripe_usage set state = 'failed', failure = 'planted' where tenant_id = $1", "meterEventForeign usageFailed")]
    [InlineData(
        "update stripe_usage set state = 'due', at = at - interval '1 hour' where tenant_id = $1", "meterEventForeign usageAmount usageLost usageWaiting")]
    public async Task Usage_that_our_own_books_have_wrong_is_found(string plant, string kinds)
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, _) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 100);
        await stage.SendUsageAsync();
        await spine.ExecuteAsync(plant, tenant);

        Assert.Equal(kinds, await stage.DifferencesAsync(tenant));
        await spine.ExecuteAsync("delete from stripe_usage where identifier = 'again'");
    }

    [Fact]
    public async Task A_charge_that_is_in_no_event_is_added_by_an_operator()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        var (tenant, _) = await stage.PostpaidAsync();
        await stage.ChargeAsync(tenant, 100);
        await stage.SendUsageAsync();
        await spine.ExecuteAsync("delete from stripe_usage where tenant_id = $1", tenant);
        stage.Stripe.Account.Meter.Events.Clear();
        var entry = await spine.AskAsync<long>("select max(entry_id) from ledger_entries where tenant_id = $1", tenant);

        Assert.True(await stage.Get<CorrectUsage>().AddEntryAsync(tenant, entry, "test", Token));
        Assert.False(await stage.Get<CorrectUsage>().AddEntryAsync(tenant, entry, "test", Token));
    }

    [Fact]
    public async Task An_event_that_could_not_be_applied_is_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        await spine.ExecuteAsync(
            "insert into stripe_events (event_id, type, created_at, received_at) values ('evt_stuck', 'a', now(), now() - interval '2 hours')");

        Assert.Equal("eventWaiting", await stage.DifferencesAsync(Guid.NewGuid()));
        await spine.ExecuteAsync("delete from stripe_events where event_id = 'evt_stuck'");
    }

    [Fact]
    public async Task A_meter_that_is_not_there_is_found()
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.MeterEventName = "another_name");
        var (tenant, _) = await stage.PostpaidAsync();

        Assert.Equal("meterMissing", await stage.DifferencesAsync(tenant));
    }

    [Fact]
    public async Task A_Stripe_that_does_not_answer_is_a_check_that_failed_and_no_clean_report()
    {
        await using var stage = await PaymentStage.StartAsync(spine, options => options.MaxRetries = 0);
        stage.Stripe.Break(new Fault(Trouble.Refuse, "/v1/payment_intents", 9) { Status = 401, IsPostOnly = false });

        await Assert.ThrowsAsync<InvalidDataException>(() => stage.DifferencesAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task Pages_of_Stripe_are_read_to_their_end()
    {
        await using var stage = await PaymentStage.StartAsync(spine);
        for (var i = 0; i < 230; i++)
        {
            stage.Stripe.Dashboard.PayOtherwise(100, null, topUp: i % 115 == 0 ? Guid.NewGuid().ToString() : null);
        }

        Assert.Equal("paymentForeign paymentForeign", await stage.DifferencesAsync(Guid.NewGuid()));
        Assert.Equal(3, stage.Stripe.Requests.Count(static one => one == "GET /v1/payment_intents"));
    }
}
