using System.Text;
using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Messaging;
using Platform.Pricing;
using Platform.Tasks;
using Platform.Tenants;
using Platform.Tenants.Limits;
using Platform.Tests.Catalog;
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
    public async Task A_tenant_with_5000_waiting_tasks_of_20_results_delays_anothers_by_one_task_of_one_worker()
    {
        var (busy, late) = (await spine.TenantAsync(credit: 1_000_000_000), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(busy, pool, 5000, results: 20);
        var engine = new GatedEngine();
        using var stop = new CancellationTokenSource();
        using var worker = new PoolWorker(
            pool, new PoolLimits(2, TimeSpan.FromHours(1), TimeSpan.Zero), spine.Claim, spine.RunWith(engine),
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var running = worker.RunAsync(stop.Token);
        var calls = new List<GatedEngine.Call> { await engine.NextAsync(), await engine.NextAsync() };
        var mine = (await SubmitAsync(late, pool, 1))[0];

        // Two slots are taken. Whichever is free first takes the late task: 19 further results of each at most stand before it.
        var spoken = 0;
        while (await spine.StateAsync(mine) == "pending 0")
        {
            calls[0].Speak();
            calls.RemoveAt(0);
            calls.Add(await engine.NextAsync());
            spoken++;
        }

        Assert.InRange(spoken, 1, 39);
        await stop.CancelAsync();
        await running.SoonAsync();
    }

    [Fact]
    public async Task A_tenant_of_weight_3_gets_three_tasks_for_one_of_a_tenant_of_weight_1()
    {
        var (heavy, light) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(light, pool, 100, cost: Cost(weight: 1));
        await SubmitAsync(heavy, pool, 100, cost: Cost(weight: 3));

        var order = await OrderAsync(pool, 100);

        Assert.InRange(order.Count(tenant => tenant == heavy), 74, 76);
    }

    [Fact]
    public async Task A_task_of_20_results_counts_as_20_of_one()
    {
        var (many, single) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(many, pool, 10, cost: Cost(results: 4) * 5);
        await SubmitAsync(single, pool, 100, cost: Cost());

        var order = await OrderAsync(pool, 63);

        Assert.InRange(order.Count(tenant => tenant == many), 3, 4);
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
    private async Task<List<Guid>> SubmitAsync(Guid tenant, string pool, int count, long cost = 1000, int results = 1)
    {
        var sample = Sample.Task(tenant, pool);
        var spec = sample.Spec with { NumberResults = results };
        var tasks = Enumerable.Range(0, count)
            .Select(_ => sample with { TaskId = Guid.CreateVersion7(), TaskUuid = Guid.NewGuid(), VirtualCost = cost, Spec = spec })
            .ToList();
        var pending = tasks.ConvertAll(spine.Accept.AcceptAsync);
        Assert.All(await Task.WhenAll(pending), outcome => Assert.Equal(Acceptance.Accepted, outcome));
        return tasks.ConvertAll(task => task.TaskId);
    }

    // What a task of such a tenant costs its share, as step 3 of the walk reckons it.
    private static long Cost(int weight = 1, int results = 1)
    {
        var prices = PriceBook.Load(SchemaFiles.Embedded(), SampleTask.Catalog.Models.Select(model => model.Air));
        var parsed = StrictJson.Parse(Encoding.UTF8.GetBytes(SampleTask.Text($"\"numberResults\":{results}")), maxTasks: 1);
        return new PrepareTask(Offered.Check(), prices, Options.Create(new LimitsOptions()), new NodeIdentity(), TimeProvider.System)
            .Run(new Caller(Guid.NewGuid(), Guid.NewGuid(), weight, IsSuspended: false), parsed.Tasks!.Single()).Task!.VirtualCost;
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
