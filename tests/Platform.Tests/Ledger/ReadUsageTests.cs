using Platform.Ledger;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger;

public sealed class ReadUsageTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private readonly ManualTime time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counts_tasks_and_what_was_captured_by_days_rolled_up_or_not()
    {
        var tenant = await SeedAsync();
        var before = await ReadAsync(tenant);

        await new RollUsage(spine.Database).RunAsync(Token);
        var after = await ReadAsync(tenant);

        Assert.Equal(new Usage(new Spent(1111, 4), new Spent(1, 1), new Spent(11, 2), new Spent(111, 3)), before);
        Assert.Equal(before, after);
        Assert.Equal(4L, await spine.AskAsync<long>("select count(*) from usage_days where tenant_id = $1", tenant));
    }

    [Fact]
    public async Task Entries_after_the_last_sweep_count_at_once_and_once()
    {
        var tenant = await SeedAsync();
        await new RollUsage(spine.Database).RunAsync(Token);
        await EnterAsync(tenant, daysAgo: 0, captured: 5);

        Assert.Equal(new Spent(6, 2), (await ReadAsync(tenant)).Today);
        await new RollUsage(spine.Database).RunAsync(Token);
        await new RollUsage(spine.Database).RunAsync(Token);
        Assert.Equal(new Spent(6, 2), (await ReadAsync(tenant)).Today);
    }

    [Fact]
    public async Task Two_sweeps_at_once_and_in_small_steps_add_every_entry_once()
    {
        var tenant = await SeedAsync();
        for (var i = 0; i < 40; i++)
        {
            await EnterAsync(tenant, daysAgo: 0, captured: 1);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new RollUsage(spine.Database) { LargestStep = 7 }.RunAsync(Token))));
        await new RollUsage(spine.Database).RunAsync(Token);

        Assert.Equal(new Spent(41, 41), (await ReadAsync(tenant)).Today);
        Assert.Equal("1151 44", await spine.AskAsync<string>(
            "select sum(credits) || ' ' || sum(requests) from usage_days where tenant_id = $1", tenant));
    }

    [Fact]
    public async Task A_refund_takes_from_what_was_used()
    {
        var tenant = await SeedAsync();
        await spine.ExecuteAsync(
            "insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, at) values ($1, 'refund', 1, 0, 0, $2)",
            tenant, time.GetUtcNow());

        Assert.Equal(new Spent(0, 1), (await ReadAsync(tenant)).Today);
        await new RollUsage(spine.Database).RunAsync(Token);
        Assert.Equal(new Spent(0, 1), (await ReadAsync(tenant)).Today);
    }

    private Task<Usage> ReadAsync(Guid tenant) => new ReadUsage(spine.Database, time).FindForTenantAsync(tenant, Token);

    // 1 today, 10 six days ago, 100 twenty-nine days ago, 1000 thirty days ago: each span's edge has a neighbour outside.
    private async Task<Guid> SeedAsync()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        await EnterAsync(tenant, daysAgo: 30, captured: 1000);
        await EnterAsync(tenant, daysAgo: 29, captured: 100);
        await EnterAsync(tenant, daysAgo: 6, captured: 10);
        await EnterAsync(tenant, daysAgo: 0, captured: 1);
        return tenant;
    }

    private async Task EnterAsync(Guid tenant, int daysAgo, long captured) => await spine.ExecuteAsync(
        """
        insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, at)
        values ($1, 'hold', $2, 0, 0, $3), ($1, 'capture', $2, 0, 0, $3)
        """,
        tenant, captured, time.GetUtcNow().AddDays(-daysAgo));
}
