using Npgsql;
using Platform.LocalStripe;
using Platform.Tests.Fixtures;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>A process dies between what Stripe did and what we wrote down, or between that and the answer: money moves once.</summary>
[Collection(Crashes.Name)]
public sealed class KilledPaymentTests(TestPostgres postgres, TestRabbit rabbit)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_between_Stripes_session_and_our_row_the_same_reference_is_the_same_session()
    {
        await using var stage = await DoomedStage.StartAsync(postgres, rabbit);
        var hang = stage.Stripe.Break(new Fault(Trouble.HangAfter, "/v1/checkout/sessions"));
        var cutOff = Assert.ThrowsAnyAsync<HttpRequestException>(() => stage.BeginAsync());
        await hang.Met.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await stage.KillAsync();
        await cutOff;
        await stage.StartNextAsync();

        var begun = await stage.BeginAsync();

        Assert.Equal(200, begun.Status);
        stage.Stripe.Dashboard.Pay(((string)begun.Json["url"]!).Split('/')[^1]);
        await stage.Webhooks.FlushAsync();
        Assert.Equal(5_000_000, await stage.BalanceAsync());
        Assert.Single(stage.Stripe.Account.List("checkout.session", new Form("")));
    }

    [Fact]
    public async Task Killed_before_the_credit_is_committed_the_event_is_applied_by_the_next_process()
    {
        await using var stage = await DoomedStage.StartAsync(postgres, rabbit);
        stage.Stripe.Dashboard.Pay(((string)(await stage.BeginAsync()).Json["url"]!).Split('/')[^1]);
        var hang = stage.Stripe.Break(new Fault(Trouble.HangAfter, "/v1/payment_intents/") { IsPostOnly = false });
        var told = stage.Webhooks.Take();
        var cutOff = Assert.ThrowsAnyAsync<HttpRequestException>(() => stage.Webhooks.SendAsync(told[0]));
        await hang.Met.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await stage.KillAsync();
        await cutOff;
        Assert.Equal(0, await stage.BalanceAsync());
        await stage.StartNextAsync();

        await Until.TrueAsync(async () => await stage.BalanceAsync() == 5_000_000, seconds: 40);
        await stage.Webhooks.SendAsync(told[0]);
        await stage.Webhooks.SendAsync(told[1]);
        Assert.Equal(5_000_000, await stage.BalanceAsync());
        Assert.Equal(1L, await stage.AskAsync<long>("select count(*) from ledger_entries where reference like 'stripe:%'"));
    }

    [Fact]
    public async Task Killed_between_the_credit_and_the_answer_it_is_credited_once()
    {
        await using var stage = await DoomedStage.StartAsync(postgres, rabbit);
        stage.Stripe.Dashboard.Pay(((string)(await stage.BeginAsync()).Json["url"]!).Split('/')[^1]);
        var told = stage.Webhooks.Take();
        // Whoever holds the top-up's row lets the credit through and what follows it wait.
        await using (var connection = await stage.Source.OpenConnectionAsync(Token))
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await using var hold = new NpgsqlCommand("select from top_ups for update", connection, transaction);
            await hold.ExecuteNonQueryAsync(Token);
            var cutOff = Assert.ThrowsAnyAsync<HttpRequestException>(() => stage.Webhooks.SendAsync(told[0]));
            await Until.TrueAsync(async () => await stage.BalanceAsync() == 5_000_000, seconds: 30);
            await stage.KillAsync();
            await cutOff;
        }

        await stage.StartNextAsync();
        await stage.Webhooks.SendAsync(told[1]);
        await Until.TrueAsync(async () => await stage.AskAsync<long>("select count(*) from stripe_events where state = 'done'") == 2, seconds: 40);

        Assert.Equal(5_000_000, await stage.BalanceAsync());
        Assert.Equal("paid", await stage.AskAsync<string>("select state from top_ups"));
    }

    [Fact]
    public async Task Killed_while_a_card_pays_by_itself_it_pays_once()
    {
        await using var stage = await DoomedStage.StartAsync(postgres, rabbit);
        stage.Stripe.Dashboard.Pay(((string)(await stage.BeginAsync(saves: true)).Json["url"]!).Split('/')[^1]);
        await stage.Webhooks.FlushAsync();
        var hang = stage.Stripe.Break(new Fault(Trouble.HangAfter, "/v1/payment_intents"));
        await stage.AutomateAsync();
        await hang.Met.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await stage.KillAsync();
        await stage.ChangeAsync("update top_ups set tried_at = now() - interval '1 minute' where is_automatic");
        await stage.StartNextAsync();

        await Until.TrueAsync(async () => await stage.BalanceAsync() == 15_000_000, seconds: 40);
        await stage.Webhooks.FlushAsync();
        Assert.Equal(15_000_000, await stage.BalanceAsync());
        Assert.Equal(2, stage.Stripe.Account.List("payment_intent", new Form("")).Count());
    }

    [Fact]
    public async Task Killed_between_Stripes_meter_and_our_row_usage_counts_once()
    {
        await using var stage = await DoomedStage.StartAsync(postgres, rabbit);
        var (customer, payer) = await stage.PostpaidAsync();
        var hang = stage.Stripe.Break(new Fault(Trouble.HangAfter, "/v1/billing/meter_events"));
        await customer.SpeakAsync(Ask.ForSpeech("Good morning."));
        await hang.Met.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await stage.KillAsync();
        await stage.ChangeAsync("update stripe_usage set next_attempt_at = now()");
        await stage.StartNextAsync();

        await Until.TrueAsync(async () => await stage.AskAsync<long>("select count(*) from stripe_usage where state = 'sent'") == 1, seconds: 40);
        Assert.Equal([100], stage.Stripe.Account.Meter.Events.Where(one => one.Customer == payer).Select(static one => one.Value));
    }
}
