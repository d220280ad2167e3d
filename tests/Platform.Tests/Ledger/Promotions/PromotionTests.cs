using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Ledger;
using Platform.Ledger.Promotions;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Promotions;

public sealed class PromotionTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private readonly ManualTime time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_grant_is_credit_and_what_is_left_of_it_goes_at_its_end()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        await GrantAsync(tenant, 500, "welcome", days: 30);
        await SettledAsync(tenant, results: 2);

        await SweepAsync(tenant);
        Assert.Equal("1300 0", await spine.MoneyAsync(tenant));
        time.Advance(TimeSpan.FromDays(31));
        await SweepAsync(tenant);
        await SweepAsync(tenant);

        Assert.Equal("1000 0", await spine.MoneyAsync(tenant));
        Assert.Equal("grant 500, hold 200, capture 100, capture 100, expiry 300", await spine.EntriesAsync(tenant));
        Assert.Equal(-300m, await spine.AskAsync<decimal>(
            "select sum(amount) from ledger_legs where tenant_id = $1 and account = 'tenant_available' and kind = 'expiry'", tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task The_reference_grants_once_even_at_once()
    {
        var tenant = await spine.TenantAsync(credit: 0);

        var booked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => GrantAsync(tenant, 500, "once", days: 1))));

        Assert.Single(booked, one => one.IsNew);
        Assert.Equal("500 0", await spine.MoneyAsync(tenant));
        Assert.Single(booked.Select(one => one.Entry.EntryId).Distinct());
    }

    [Fact]
    public async Task The_one_that_expires_first_is_used_up_first_and_paid_credit_last()
    {
        var tenant = await spine.TenantAsync(credit: 100);
        await GrantAsync(tenant, 100, "late", days: 60);
        await GrantAsync(tenant, 100, "soon", days: 10);
        await SettledAsync(tenant, results: 1);
        await SettledAsync(tenant, results: 1, price: 50);

        await SweepAsync(tenant);

        Assert.Equal("late 50, soon 0", await LeftAsync(tenant));
        time.Advance(TimeSpan.FromDays(61));
        await SweepAsync(tenant);
        Assert.Equal("100 0", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task What_a_running_task_holds_is_not_taken_and_goes_when_it_is_released()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        await GrantAsync(tenant, 500, "welcome", days: 1);
        var running = await spine.RunningAsync(tenant, results: 3);
        time.Advance(TimeSpan.FromDays(2));

        await SweepAsync(tenant);
        Assert.Equal("300 300", await spine.MoneyAsync(tenant));
        Assert.True(await Sample.SettleAsync(spine.Settle, running, TaskState.Running, 0));
        Assert.True(await spine.Settle.SettleAsync(Sample.Close(running.TaskId)));
        Assert.Equal("200 0", await spine.MoneyAsync(tenant));
        await SweepAsync(tenant);

        Assert.Equal("0 0", await spine.MoneyAsync(tenant));
        Assert.Equal("welcome 0", await LeftAsync(tenant));
        Assert.Equal(400m, await spine.AskAsync<decimal>("select sum(amount) from ledger_entries where tenant_id = $1 and kind = 'expiry'", tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task Tasks_after_the_end_are_paid_with_paid_credit()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        await GrantAsync(tenant, 500, "welcome", days: 1);
        var before = await spine.RunningAsync(tenant);
        time.Advance(TimeSpan.FromDays(2));
        await SweepAsync(tenant);
        var after = await spine.RunningAsync(tenant);

        Assert.True(await Sample.SettleAsync(spine.Settle, after, TaskState.Succeeded, 0));
        await SweepAsync(tenant);
        Assert.Equal("welcome 100", await LeftAsync(tenant));
        Assert.True(await Sample.SettleAsync(spine.Settle, before, TaskState.Succeeded, 0));
        await SweepAsync(tenant);

        Assert.Equal("welcome 0", await LeftAsync(tenant));
        Assert.Equal("900 0", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task A_debit_takes_paid_credit_first_and_what_it_takes_of_a_promotion_does_not_expire_again()
    {
        var tenant = await spine.TenantAsync(credit: 100);
        await GrantAsync(tenant, 500, "welcome", days: 1);
        await spine.Get<AddCredit>().RunAsync(tenant, -300, "out", "a reason", Token);
        await spine.Get<AddCredit>().RunAsync(tenant, 1000, "in", "a reason", Token);
        time.Advance(TimeSpan.FromDays(2));

        await SweepAsync(tenant);

        Assert.Equal("1000 0", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task Sweeps_at_once_with_tasks_that_begin_and_end_never_take_more_than_was_left()
    {
        var tenant = await spine.TenantAsync(credit: 10_000);
        await GrantAsync(tenant, 3000, "welcome", days: 1);
        time.Advance(TimeSpan.FromDays(2));

        await Task.WhenAll(
            Task.Run(async () =>
            {
                for (var i = 0; i < 12; i++)
                {
                    await SettledAsync(tenant, results: 2);
                }
            }, Token),
            Task.Run(async () =>
            {
                for (var i = 0; i < 12; i++)
                {
                    await Task.WhenAll(SweepAsync(tenant), SweepAsync(tenant));
                }
            }, Token));
        await SweepAsync(tenant);

        Assert.Equal("welcome 0", await LeftAsync(tenant));
        var expired = await spine.AskAsync<decimal>("select coalesce(sum(amount), 0) from ledger_entries where tenant_id = $1 and kind = 'expiry'", tenant);
        Assert.InRange(expired, 600, 3000);
        Assert.Equal($"{13_000 - 2400 - expired} 0", await spine.MoneyAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_tenant_that_does_not_exist_gets_nothing() =>
        await Assert.ThrowsAsync<KeyNotFoundException>(() => GrantAsync(Guid.NewGuid(), 1, "a", days: 1));

    private Task<BookedCredit> GrantAsync(Guid tenant, long amount, string reference, int days) => new GrantCredit(Contexts).RunAsync(
        new GrantOrder(tenant, amount, reference, "a reason", time.GetUtcNow().AddDays(days)), "test", Token);

    private Task SweepAsync(Guid tenant) =>
        new ExpirePromotions(Contexts, time, NullLogger<ExpirePromotions>.Instance).RunForTenantAsync(tenant, Token);

    private IDbContextFactory<PlatformDb> Contexts => spine.Get<IDbContextFactory<PlatformDb>>();

    private Task<string> LeftAsync(Guid tenant) => spine.AskAsync<string>(
        "select string_agg(reference || ' ' || remaining, ', ' order by reference) from promotions where tenant_id = $1", tenant);

    private async Task SettledAsync(Guid tenant, int results, long price = 100)
    {
        var task = await spine.RunningAsync(tenant, results, price);
        Assert.True(await Sample.SettleAsync(spine.Settle, task, TaskState.Succeeded, [.. Enumerable.Range(0, results)]));
    }
}
