using Platform.Tasks;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class FairShareTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_tenant_with_2000_waiting_tasks_delays_anothers_by_at_most_one_task_a_worker(int workers)
    {
        var (busy, late) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(busy, pool, 2000);
        Assert.Equal(workers, (await spine.Claim.ClaimAsync(pool, workers, CancellationToken.None)).Count);

        await SubmitAsync(late, pool, 1);

        Assert.Equal(late, (await spine.ClaimOneAsync(pool)).TenantId);
        Assert.Equal(busy, (await spine.ClaimOneAsync(pool)).TenantId);
    }

    [Fact]
    public async Task Two_busy_tenants_take_turns()
    {
        var (one, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(one, pool, 40);
        await SubmitAsync(other, pool, 40);

        var order = await OrderAsync(pool, 40);

        Assert.All(order.Chunk(2), pair => Assert.Equal(2, pair.Distinct().Count()));
    }

    [Fact]
    public async Task Weights_give_shares_in_proportion()
    {
        var (heavy, light) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(light, pool, 80, cost: 3000);
        await SubmitAsync(heavy, pool, 80, cost: 1000);

        var order = await OrderAsync(pool, 80);

        Assert.InRange(order.Count(tenant => tenant == heavy), 59, 61);
        // Over every stretch, not only in total.
        Assert.All(order.Chunk(8), stretch => Assert.InRange(stretch.Count(tenant => tenant == heavy), 5, 7));
    }

    [Fact]
    public async Task Long_tasks_count_for_more_than_short_ones()
    {
        var (wordy, terse) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(wordy, pool, 60, cost: 10_000);
        await SubmitAsync(terse, pool, 60, cost: 1000);

        var order = await OrderAsync(pool, 55);

        Assert.InRange(order.Count(tenant => tenant == wordy), 4, 6);
    }

    [Fact]
    public async Task A_tenant_gains_nothing_for_the_time_in_which_it_wanted_nothing()
    {
        var (busy, idle) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(idle, pool, 1);
        await SubmitAsync(busy, pool, 200);
        await OrderAsync(pool, 101);

        await SubmitAsync(idle, pool, 50);

        var order = await OrderAsync(pool, 40);
        Assert.InRange(order.Count(tenant => tenant == idle), 19, 21);
    }

    [Fact]
    public async Task A_tenant_pays_for_its_own_backlog_before_its_next_task_runs()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var tasks = await SubmitAsync(tenant, pool, 300);
        await SubmitAsync(await spine.TenantAsync(), pool, 10);

        var claimed = new List<Guid>();
        for (var i = 0; i < 31; i++)
        {
            claimed.AddRange((await spine.Claim.ClaimAsync(pool, 10, CancellationToken.None)).Select(task => task.TaskId));
        }

        Assert.Equal(tasks, claimed.Where(tasks.Contains));
    }

    [Fact]
    public async Task The_clock_of_a_pool_follows_the_task_that_was_claimed_last_and_never_goes_back()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        await SubmitAsync(tenant, pool, 6);
        Assert.Equal(0, await ClockAsync(pool));

        await OrderAsync(pool, 2);
        Assert.Equal(1000, await ClockAsync(pool));
        await spine.Claim.ClaimAsync(pool, 3, CancellationToken.None);
        Assert.Equal(4000, await ClockAsync(pool));
        await spine.ExecuteAsync("update open_tasks set virtual_start = 5 where pool = $1", pool);
        await spine.ClaimOneAsync(pool);

        Assert.Equal(4000, await ClockAsync(pool));
    }

    [Fact]
    public async Task A_claim_does_not_wait_for_another_ones_tick_of_the_clock()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        await SubmitAsync(tenant, pool, 2);
        await OrderAsync(pool, 1);
        await using var ticking = await OtherTransaction.BeginAsync(
            spine, $"select $1::uuid from pools where pool = '{pool}' for update", Guid.Empty);

        await spine.ClaimOneAsync(pool).SoonAsync();
    }

    [Fact]
    public async Task Pools_share_nothing()
    {
        var tenant = await spine.TenantAsync();
        var (one, other) = (await spine.PoolAsync(), await spine.PoolAsync());
        await SubmitAsync(tenant, one, 20);
        await SubmitAsync(tenant, other, 1);

        Assert.Equal(0L, await spine.AskAsync<long>("select virtual_start from open_tasks where pool = $1", other));
    }

    [Fact]
    public async Task A_higher_priority_goes_first_whatever_its_share()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var tasks = await SubmitAsync(tenant, pool, 5);
        await spine.ExecuteAsync("update open_tasks set priority = 1 where task_id = $1", tasks[3]);

        Assert.Equal(tasks[3], (await spine.ClaimOneAsync(pool)).TaskId);
        Assert.Equal(tasks[0], (await spine.ClaimOneAsync(pool)).TaskId);
    }

    // In this order: a test about order cannot let the thread pool choose it.
    private async Task<List<Guid>> SubmitAsync(Guid tenant, string pool, int count, long cost = 1000)
    {
        var tasks = Enumerable.Range(0, count).Select(_ => Sample.Task(tenant, pool) with { VirtualCost = cost }).ToList();
        var pending = tasks.ConvertAll(spine.Accept.AcceptAsync);
        Assert.All(await Task.WhenAll(pending), outcome => Assert.Equal(Acceptance.Accepted, outcome));
        return tasks.ConvertAll(task => task.TaskId);
    }

    private async Task<List<Guid>> OrderAsync(string pool, int claims)
    {
        var order = new List<Guid>(claims);
        for (var i = 0; i < claims; i++)
        {
            order.Add((await spine.ClaimOneAsync(pool)).TenantId);
        }

        return order;
    }

    private Task<long> ClockAsync(string pool) => spine.AskAsync<long>("select virtual_clock from pools where pool = $1", pool);
}
