using System.Net;
using Platform.LocalStripe;
using Xunit;

namespace Platform.Tests.Scenarios.Payments;

/// <summary>Money comes in through Stripe, is spent on tasks, and all books agree.</summary>
[Collection(Stories.Name)]
public sealed class PaymentStories(PaymentStages stages) : IClassFixture<PaymentStages>
{
    [Theory]
    [BothModes]
    public async Task Top_up_run_tasks_export_costs_and_the_csv_is_the_balance_movement_is_Stripes_usage(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (prepaid, postpaid) = (await stage.Platform.Operator.NewCustomerAsync(credit: 0), await PostpaidAsync(stage));
        var begun = await Own(stage, prepaid).PostAsync("/v1/topups", """{"amountCents":500,"currency":"usd","reference":"first"}""");
        Assert.True(begun.Status == 201, begun.Text);
        Assert.Equal("insufficientCredits", (await prepaid.SendAsync(Ask.ForSpeech())).Code);

        stage.Stripe.Dashboard.Pay(((string)begun.Json["url"]!).Split('/')[^1]);
        foreach (var told in stage.Webhooks.Take().Reverse())
        {
            Assert.Equal(HttpStatusCode.OK, await stage.Webhooks.SendAsync(told));
            Assert.Equal(HttpStatusCode.OK, await stage.Webhooks.SendAsync(told));
        }

        Assert.Equal(5_000_000, await stage.BalanceAsync(prepaid.TenantId));
        foreach (var customer in new[] { prepaid, postpaid.Customer })
        {
            await customer.SpeakAsync(Ask.ForSpeech("Good morning.", """{"numberResults":3}"""));
            await customer.SpeakAsync(Ask.ForSpeech(new string('a', 201)));
        }

        Assert.Equal(500, await stage.CsvSumAsync(prepaid.TenantId));
        Assert.Equal(5_000_000 - 500, await stage.BalanceAsync(prepaid.TenantId));
        Assert.Equal(500, await stage.CsvSumAsync(postpaid.Customer.TenantId));
        Assert.Equal(-500, await stage.BalanceAsync(postpaid.Customer.TenantId));
        await Until.TrueAsync(() => Task.FromResult(UsageOf(stage, postpaid.Payer) == 500), seconds: 30);

        var (exitCode, report) = await stage.ReconcileAsync();
        Assert.True(exitCode == 0, report.ToJsonString());
        Assert.Equal(500, UsageOf(stage, postpaid.Payer));
        Assert.Empty(stage.Stripe.Violations);
    }

    [Theory]
    [BothModes]
    public async Task A_payment_that_nobody_told_us_of_is_named_by_the_reconciliation_which_ends_with_1(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Platform.Operator.NewCustomerAsync(credit: 0);
        var begun = await Own(stage, customer).PostAsync("/v1/topups", """{"amountCents":700}""");
        var payment = stage.Stripe.Dashboard.Pay(((string)begun.Json["url"]!).Split('/')[^1]);

        var (exitCode, report) = await stage.ReconcileAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains($"payments follow --id {payment}", report.ToJsonString(), StringComparison.Ordinal);
        await stage.Webhooks.FlushAsync();
        Assert.Equal(0, (await stage.ReconcileAsync()).ExitCode);
    }

    [Theory]
    [BothModes]
    public async Task A_saved_card_pays_by_itself_when_little_is_left(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Platform.Operator.NewCustomerAsync(credit: 0);
        var begun = await Own(stage, customer).PostAsync("/v1/topups", """{"amountCents":500,"saveCard":true}""");
        stage.Stripe.Dashboard.Pay(((string)begun.Json["url"]!).Split('/')[^1]);
        await stage.Webhooks.FlushAsync();
        Assert.Equal(5_000_000, await stage.BalanceAsync(customer.TenantId));

        var set = await stage.Platform.Operator.PatchAsync(
            $"tenants/{customer.TenantId}/payments", """{"automaticTopUp":{"below":6000000,"amount":10000000}}""");

        Assert.Equal(10_000_000, (long)set.Json["automaticTopUp"]!["amount"]!);
        await Until.TrueAsync(async () => await stage.BalanceAsync(customer.TenantId) == 15_000_000, seconds: 30);
        await Until.TrueAsync(
            async () => (await Own(stage, customer).GetAsync("/v1/topups")).Items.All(static one => (string)one["state"]! == "paid"), seconds: 30);
        var listed = (await Own(stage, customer).GetAsync("/v1/topups")).Items;
        Assert.Equal(
            "1000 usd True, 500 usd False",
            string.Join(", ", listed.Select(static one => $"{one["amountCents"]} {one["currency"]} {(bool)one["automatic"]!}")));
        await stage.Webhooks.FlushAsync();
        Assert.Equal(15_000_000, await stage.BalanceAsync(customer.TenantId));
    }

    [Theory]
    [BothModes("""{"amountCents":0}""", "invalidAmountCents")]
    [BothModes("""{"amountCents":-500}""", "invalidAmountCents")]
    [BothModes("""{"amountCents":500.5}""", "invalidAmountCents")]
    [BothModes("""{"amountCents":9007199254740993}""", "invalidAmountCents")]
    [BothModes("""{"amountCents":1e400}""", "invalidAmountCents")]
    [BothModes("""{"amountCents":"500"}""", "invalidAmountCents")]
    [BothModes("""{"amountCents":499}""", "invalidAmountCents")]
    [BothModes("""{}""", "missingAmountCents")]
    [BothModes("""{"amountCents":500,"currency":"eur"}""", "invalidCurrency")]
    [BothModes("""{"amountCents":500,"amount":5}""", "unknownParameter")]
    [BothModes("""[]""", "invalidJson")]
    public async Task A_top_up_that_cannot_be_is_refused_audited_and_moves_nothing(Mode mode, string body, string code)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Platform.Operator.NewCustomerAsync(credit: 0);

        var refused = await Own(stage, customer).PostAsync("/v1/topups", body);

        Assert.Equal((400, code), (refused.Status, (string?)refused.Json["errors"]![0]!["code"]));
        Assert.Equal(0, await stage.BalanceAsync(customer.TenantId));
        Assert.Empty((await Own(stage, customer).GetAsync("/v1/topups")).Items);
        Assert.Equal(code == "invalidJson" ? 0L : 1L, await stage.Platform.AskAsync<long>(
            "select count(*) from audit_log where tenant_id = $1 and action = 'payments.topUp.refused'", customer.TenantId));
    }

    [Theory]
    [BothModes]
    public async Task A_forged_or_old_event_is_refused_and_moves_nothing(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Platform.Operator.NewCustomerAsync(credit: 0);
        var begun = await Own(stage, customer).PostAsync("/v1/topups", """{"amountCents":500}""");
        stage.Stripe.Dashboard.Pay(((string)begun.Json["url"]!).Split('/')[^1]);
        var events = stage.Webhooks.Take();
        var body = events[0].ToJsonString();
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal(HttpStatusCode.BadRequest, await stage.Webhooks.PostAsync(body, null));
        Assert.Equal(HttpStatusCode.BadRequest, await stage.Webhooks.PostAsync(body, Webhooks.Sign(body, "whsec_guessed_by_somebody", now)));
        Assert.Equal(HttpStatusCode.BadRequest, await stage.Webhooks.PostAsync(body, Webhooks.Sign(body, "whsec_of_the_stories", now.AddHours(-1))));
        Assert.Equal(
            HttpStatusCode.BadRequest, await stage.Webhooks.PostAsync(body + " ", Webhooks.Sign(body, "whsec_of_the_stories", now)));
        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge,
            await stage.Webhooks.PostAsync(new string(' ', 1_100_000), Webhooks.Sign(body, "whsec_of_the_stories", now)));

        // Without a signature nobody looks how long the body is.
        Assert.Equal(HttpStatusCode.BadRequest, await stage.Webhooks.PostAsync(new string(' ', 1_100_000), null));
        Assert.Equal(0, await stage.BalanceAsync(customer.TenantId));

        foreach (var told in events)
        {
            Assert.Equal(HttpStatusCode.OK, await stage.Webhooks.SendAsync(told));
        }

        Assert.Equal(5_000_000, await stage.BalanceAsync(customer.TenantId));
    }

    [Theory]
    [BothModes("""{"stripeCustomer":"pi_1"}""", "/stripeCustomer")]
    [BothModes("""{"stripeCustomer":"cus_nobody"}""", "/stripeCustomer")]
    [BothModes("""{"automaticTopUp":{"below":1000000,"amount":5000001}}""", "/automaticTopUp/amount")]
    [BothModes("""{"automaticTopUp":{"below":9000000,"amount":5000000}}""", "/automaticTopUp/amount")]
    [BothModes("""{"automaticTopUp":{"below":0}}""", "/automaticTopUp/below /automaticTopUp/amount")]
    [BothModes("""{"automaticTopUp":{"below":1000000,"amount":5000000}}""", "/automaticTopUp")]
    [BothModes("""{"customer":"cus_1"}""", "/customer")]
    public async Task An_operator_is_told_what_is_wrong_with_how_a_tenant_pays(Mode mode, string body, string faults)
    {
        var stage = await stages.OnAsync(mode);
        var tenant = await stage.Platform.Operator.NewTenantAsync();

        var refused = await stage.Platform.Operator.PatchAsync($"tenants/{tenant}/payments", body);

        Assert.Equal((400, "invalid-fields", faults), (refused.Status, refused.Problem, refused.Faults));
        Assert.Null((await stage.Platform.Operator.GetAsync($"tenants/{tenant}/payments")).Json["stripeCustomer"]);
        Assert.Equal(404, (await stage.Platform.Operator.PatchAsync($"tenants/{Guid.NewGuid()}/payments", "{}")).Status);
    }

    [Theory]
    [BothModes]
    public async Task A_postpaid_tenant_is_invoiced_and_takes_no_top_ups(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (customer, _) = await PostpaidAsync(stage);

        var refused = await Own(stage, customer).PostAsync("/v1/topups", """{"amountCents":500}""");

        Assert.Equal((403, "permissionDenied"), (refused.Status, (string?)refused.Json["errors"]![0]!["code"]));
    }

    private static Operator Own(PaidStage stage, Customer customer) => new(stage.Platform.Address, customer.Key);

    private static long UsageOf(PaidStage stage, string payer)
    {
        lock (stage.Stripe.Account.Gate)
        {
            return stage.Stripe.Account.Meter.Events.Where(one => one.Customer == payer).Sum(static one => one.Value);
        }
    }

    private static async Task<(Customer Customer, string Payer)> PostpaidAsync(PaidStage stage)
    {
        string payer;
        lock (stage.Stripe.Account.Gate)
        {
            payer = stage.Stripe.Account.NewId("cus");
            stage.Stripe.Account.Add("customer", ("id", payer), ("name", "made at Stripe"));
        }

        var tenant = await stage.Platform.Operator.NewTenantAsync("""{"name":"postpaid","billing":"postpaid","creditLimit":1000000}""");
        var mapped = await stage.Platform.Operator.PatchAsync($"tenants/{tenant}/payments", $$"""{"stripeCustomer":"{{payer}}"}""");
        Assert.True(mapped.Status == 200, mapped.Text);
        var key = await stage.Platform.Operator.PostAsync($"tenants/{tenant}/keys", """{"name":"first"}""");
        return (new Customer(stage.Platform.Address, (string)key.Json["key"]!) { TenantId = Guid.Parse(tenant) }, payer);
    }
}
