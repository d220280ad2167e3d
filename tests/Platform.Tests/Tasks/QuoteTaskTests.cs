using Platform.Catalog;
using Platform.Ledger;
using Platform.Pricing;
using Platform.Tasks;
using Platform.Tests.Catalog;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Tasks;

/// <summary>Which price a task gets: the book's, the tenant's own, a tier; and that it keeps it.</summary>
public sealed class QuoteTaskTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private const string Own = """{"unit":"character","microUsdPerMillion":250000,"stepMicroUsd":1,"minimumMicroUsd":1}""";
    private readonly ManualTime time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static SpeechSpec Spec { get; } = SampleTask.Catalog.Interpret(System.Text.Encoding.UTF8.GetBytes(SampleTask.Text()));

    [Fact]
    public async Task A_tenants_own_price_holds_from_its_instant_until_it_is_given_up_and_for_nobody_else()
    {
        var (tenant, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var now = time.GetUtcNow();
        var first = await SetAsync(tenant, now.AddHours(1), Own);
        await SetAsync(tenant, now.AddHours(2), null);
        var quotes = await QuotesAsync();

        Assert.Equal("2020-01-01", (await quotes.RunAsync(tenant, Spec, now)).PriceVersion);
        var own = await quotes.RunAsync(tenant, Spec, now.AddHours(1));
        Assert.Equal(($"override:{first}", 3L), (own.PriceVersion, own.MicroUsdPerResult));
        Assert.Equal("2020-01-01", (await quotes.RunAsync(tenant, Spec, now.AddHours(2))).PriceVersion);
        Assert.Equal("2020-01-01", (await quotes.RunAsync(other, Spec, now.AddHours(1))).PriceVersion);
        Assert.Equal("price.set price.set", await spine.AskAsync<string>(
            "select string_agg(action, ' ') from audit_log where tenant_id = $1 and action like 'price%'", tenant));
    }

    [Fact]
    public async Task A_price_that_was_set_is_never_changed()
    {
        var tenant = await spine.TenantAsync();
        await SetAsync(tenant, time.GetUtcNow(), Own);

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => spine.ExecuteAsync("update price_overrides set price = null"));
        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => SetAsync(Guid.NewGuid(), time.GetUtcNow(), Own));
    }

    [Fact]
    public async Task A_tier_is_decided_once_for_a_day_by_what_the_month_was_charged_before_it()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        await SetAsync(tenant, time.GetUtcNow(), Own.Replace(
            "}", ",\"tiers\":[{\"fromUnits\":100,\"microUsdPerMillion\":1000000}]}", StringComparison.Ordinal));
        var quotes = await QuotesAsync();
        var first = new DateTimeOffset(time.GetUtcNow().Year, time.GetUtcNow().Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
        var tenth = first.AddDays(9).AddHours(5);
        await ChargedAsync(tenant, 99, first.AddHours(1));
        await ChargedAsync(tenant, 1_000_000, first.AddHours(-1));

        Assert.Equal(250_000, (await quotes.RunAsync(tenant, Spec, first)).MicroUsdPerMillion);
        Assert.Equal(250_000, (await quotes.RunAsync(tenant, Spec, tenth)).MicroUsdPerMillion);
        await ChargedAsync(tenant, 1, tenth.AddHours(-6));
        await ChargedAsync(tenant, 500, tenth.AddHours(1));

        // Another node that asks later gets what the first one wrote.
        Assert.Equal(250_000, (await (await QuotesAsync()).RunAsync(tenant, Spec, tenth.AddHours(3))).MicroUsdPerMillion);
        Assert.Equal(1_000_000, (await (await QuotesAsync()).RunAsync(tenant, Spec, tenth.AddDays(1))).MicroUsdPerMillion);
        Assert.Equal(250_000, (await (await QuotesAsync()).RunAsync(tenant, Spec, first.AddMonths(1))).MicroUsdPerMillion);
        Assert.Equal("0 99 600 0", await spine.AskAsync<string>(
            "select string_agg(units::text, ' ' order by day) from volume_marks where tenant_id = $1", tenant));
    }

    [Fact]
    public async Task Nodes_that_ask_for_a_mark_at_once_get_the_same()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        await ChargedAsync(tenant, 77, time.GetUtcNow());
        var tomorrow = time.GetUtcNow().AddDays(1);
        var expected = tomorrow.Day == 1 ? 0 : 77;

        var marks = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            new VolumeMarks(spine.Database).FindForTenantAsync(tenant, "character", tomorrow, Token).AsTask())));

        Assert.All(marks, mark => Assert.Equal(expected, mark));
    }

    [Theory]
    [InlineData(2048, 1, 164)]
    [InlineData(2048, 0.25, 656)]
    [InlineData(1, 4, 1)]
    public void The_longest_result_is_as_many_tokens_as_it_may_have_at_its_speed(int tokens, double speed, long seconds) =>
        Assert.Equal(seconds, QuoteTask.LongestSecondsOf(Spec with { MaxNewTokens = tokens, Speed = (decimal)speed }));

    [Fact]
    public async Task A_task_by_the_second_holds_the_most_and_pays_for_what_came()
    {
        var tenant = await spine.TenantAsync(credit: 10_000);
        var pool = await spine.PoolAsync();
        var terms = new PriceTerms("second", 100, 100);
        await spine.Accept.AcceptAsync(Sample.Task(tenant, pool, results: 2) with { PricePerResult = 4000, MicroUsdPerMillion = 100_000_000, Terms = terms });
        var task = await spine.ClaimOneAsync(pool);
        Assert.Equal((terms, 100_000_000L), (task.Terms, task.MicroUsdPerMillion));

        Assert.True(await SettleAsync(task, TaskState.Running, 0, cost: 700, units: 7));
        Assert.Equal("9300 7300", await spine.MoneyAsync(tenant));
        Assert.True(await SettleAsync(task, TaskState.Succeeded, 1, cost: 99_999, units: 999));

        // Never more than was held for it.
        Assert.Equal("5300 0", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 8000, capture 700, capture 4000, release 3300", await spine.EntriesAsync(tenant));
        Assert.Equal("7 999", await spine.AskAsync<string>(
            "select string_agg(units::text, ' ' order by entry_id) from ledger_entries where tenant_id = $1 and kind = 'capture'", tenant));
        await Platform.Tests.Ledger.Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_free_task_runs_without_money_and_without_entries()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var pool = await spine.PoolAsync();
        Assert.Equal(Acceptance.Accepted, await spine.Accept.AcceptAsync(Sample.Task(tenant, pool, results: 2) with { PricePerResult = 0 }));
        var task = await spine.ClaimOneAsync(pool);

        Assert.True(await Sample.SettleAsync(spine.Settle, task, TaskState.Succeeded, 0, 1));

        Assert.Equal("", await spine.EntriesAsync(tenant));
        Assert.Equal(2L, await spine.AskAsync<long>("select count(*) from task_results where task_id = $1 and cost = 0", task.TaskId));
        await Platform.Tests.Ledger.Books.AssertInOrderAsync(spine);
    }

    private Task<bool> SettleAsync(ClaimedTask task, string state, int index, long cost, long units)
    {
        var settlement = Sample.Settle(task, state, index);
        return spine.Settle.SettleAsync(settlement with { Result = settlement.Result! with { Cost = cost, Units = units } });
    }

    private Task<long> SetAsync(Guid tenant, DateTimeOffset from, string? price) =>
        new SetPrice(spine.Database).RunAsync(new PriceOrder(tenant, Spec.Model, from), price, "test", Token);

    private async Task<QuoteTask> QuotesAsync()
    {
        var overrides = new PriceOverrides(spine.Database);
        await overrides.RefreshAsync(Token);
        return new QuoteTask(
            PriceBook.Load(SchemaFiles.Embedded(), SampleTask.Catalog.Models.Select(model => model.Air)), overrides, new VolumeMarks(spine.Database));
    }

    private Task ChargedAsync(Guid tenant, long units, DateTimeOffset at) => spine.ExecuteAsync(
        """
        insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, units, at) values ($1, 'capture', 0, 0, 0, $2, $3)
        """,
        tenant, units, at);
}
