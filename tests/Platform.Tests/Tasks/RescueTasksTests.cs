using Platform.Tasks;
using Platform.Tests.Ledger;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class RescueTasksTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_task_of_a_silent_worker_waits_again_and_the_worker_is_refused()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);
        await RunOutAsync(task.TaskId);

        await spine.Get<RescueTasks>().RunAsync(Token);

        Assert.Equal("pending 1", await spine.StateAsync(task.TaskId));
        Assert.False(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0)));
        Assert.Equal("1000 100", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task A_task_whose_lease_still_runs_is_left_alone()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync());

        await spine.Get<RescueTasks>().RunAsync(Token);

        Assert.Equal("running 1", await spine.StateAsync(task.TaskId));
    }

    [Fact]
    public async Task A_task_that_kills_five_workers_fails_and_costs_nothing_but_what_it_delivered()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var pool = await spine.PoolAsync();
        var task = Sample.Task(tenant, pool, results: 2);
        await spine.Accept.AcceptAsync(task);
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            await spine.ExecuteAsync("update open_tasks set available_at = now() where task_id = $1", task.TaskId);
            var claimed = await spine.ClaimOneAsync(pool);
            Assert.Equal(attempt, claimed.Attempt);
            if (attempt == 1)
            {
                await spine.Settle.SettleAsync(Sample.Settle(claimed, TaskState.Running, 0));
            }

            await RunOutAsync(task.TaskId);
            await spine.Get<RescueTasks>().RunAsync(Token);
        }

        Assert.Equal("failed 5", await spine.StateAsync(task.TaskId));
        Assert.Equal("hold 200, capture 100, release 100", await spine.EntriesAsync(tenant));
        Assert.Contains(
            "tried 5 times",
            await spine.AskAsync<string>("select convert_from(error, 'UTF8') from tasks where task_id = $1", task.TaskId),
            StringComparison.Ordinal);
        await Books.AssertInOrderAsync(spine);
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(11, true)]
    public async Task A_task_that_comes_back_much_later_lies_in_nobodys_way_until_its_time_has_come(double seconds, bool isParked)
    {
        var pool = await spine.PoolAsync();
        var task = Sample.Task(await spine.TenantAsync(), pool);
        await spine.Accept.AcceptAsync(task);
        await spine.Settle.SettleAsync(RetryPolicy.Uncounted(await spine.ClaimOneAsync(pool), TimeSpan.FromSeconds(seconds)));
        Assert.Equal(isParked, await ParkedAsync(task.TaskId));

        await spine.Get<RescueTasks>().RunAsync(Token);
        Assert.Empty(await spine.Claim.ClaimAsync(pool, 1, Token));
        Assert.Equal(isParked, await ParkedAsync(task.TaskId));

        await spine.ExecuteAsync("update open_tasks set available_at = now() where task_id = $1", task.TaskId);
        await spine.Get<RescueTasks>().RunAsync(Token);
        Assert.Equal(1, (await spine.ClaimOneAsync(pool)).Attempt);
    }

    [Fact]
    public async Task A_waiting_task_past_its_deadline_expires_and_its_hold_is_released()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var pool = await spine.PoolAsync();
        var task = Sample.Task(tenant, pool);
        await spine.Accept.AcceptAsync(task);
        await spine.ExecuteAsync("update open_tasks set deadline = now() where task_id = $1", task.TaskId);

        await spine.Get<RescueTasks>().RunAsync(Token);

        Assert.Equal("expired 0", await spine.StateAsync(task.TaskId));
        Assert.Equal("hold 100, release 100", await spine.EntriesAsync(tenant));
        Assert.Empty(await spine.Claim.ClaimAsync(pool, 1, Token));
    }

    [Fact]
    public async Task A_pool_with_waiting_work_gets_a_ticket_and_an_idle_one_none()
    {
        var (waiting, idle, later) = (await spine.PoolAsync(), await spine.PoolAsync(), await spine.PoolAsync());
        var tenant = await spine.TenantAsync();
        var postponed = Sample.Task(tenant, later);
        await spine.Accept.AcceptAsync(Sample.Task(tenant, waiting));
        await spine.Accept.AcceptAsync(postponed);
        await spine.ExecuteAsync("update open_tasks set available_at = now() + interval '1 hour' where task_id = $1", postponed.TaskId);
        using var tickets = await spine.TicketsOfAsync(waiting);
        using var none = await spine.TicketsOfAsync(idle);
        using var notYet = await spine.TicketsOfAsync(later);

        await spine.Get<RescueTasks>().RunAsync(Token);

        await tickets.WaitAsync(Token).SoonAsync();
        Assert.Equal(0, none.CurrentCount);
        Assert.Equal(0, notYet.CurrentCount);
    }

    [Fact]
    public async Task Sweeps_of_many_nodes_at_once_rescue_each_task_once()
    {
        var tenant = await spine.TenantAsync(credit: 100_000);
        var tasks = new List<ClaimedTask>();
        for (var i = 0; i < 10; i++)
        {
            tasks.Add(await spine.RunningAsync(tenant));
        }

        await spine.ExecuteAsync(
            "update open_tasks set lease_until = now() - interval '1 s', attempt = 5 where tenant_id = $1", tenant);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => spine.Get<RescueTasks>().RunAsync(Token))));

        Assert.Equal("100000 0", await spine.MoneyAsync(tenant));
        Assert.Equal(10L, await spine.AskAsync<long>(
            "select count(*) from ledger_entries where tenant_id = $1 and kind = 'release'", tenant));
        await Books.AssertInOrderAsync(spine);
    }

    private Task RunOutAsync(Guid taskId) =>
        spine.ExecuteAsync("update open_tasks set lease_until = now() - interval '1 s' where task_id = $1", taskId);

    private Task<bool> ParkedAsync(Guid taskId) => spine.AskAsync<bool>("select parked from open_tasks where task_id = $1", taskId);
}
