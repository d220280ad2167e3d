using Platform.Tasks;
using Platform.Tests.Ledger;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class SettleTasksTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Fact]
    public async Task A_result_that_was_settled_before_its_task_was_closed_counts_when_it_is_sent_again()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, results: 2);
        var settlement = Sample.Settle(task, TaskState.Running, 0);
        Assert.True(await spine.Settle.SettleAsync(settlement));
        Assert.True(await spine.Settle.SettleAsync(Sample.Close(task.TaskId)));

        // As after an answer that was lost on the way.
        Assert.True(await spine.Settle.SettleAsync(settlement));
        Assert.False(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 1)));

        Assert.Equal("hold 200, capture 100, release 100", await spine.EntriesAsync(tenant));
    }

    [Fact]
    public async Task Writes_a_result_its_capture_and_the_end_in_one_transaction()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);

        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0)));

        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("900 0", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 100, capture 100", await spine.EntriesAsync(tenant));
        Assert.True(await spine.AskAsync<bool>(
            """
            select count(*) = 1 and bool_and(t.xmin = r.xmin and e.xmin = r.xmin and a.xmin = r.xmin and r.cost = 100
                   and t.finished_at = r.finished_at and not exists (select from open_tasks o where o.task_id = t.task_id))
              from tasks t join task_results r using (task_id) join ledger_entries e using (audio_uuid)
              join accounts a on a.tenant_id = t.tenant_id
             where t.task_id = $1
            """,
            task.TaskId));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_result_on_the_way_is_captured_at_once_and_the_end_comes_later()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, results: 3);

        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0)));
        Assert.Equal("running 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("900 200", await spine.MoneyAsync(tenant));
        Assert.True(await spine.AskAsync<bool>(
            "select lease_until > now() and finished_at is null and held = 200 from task_states where task_id = $1", task.TaskId));

        Assert.True(await Sample.SettleAsync(spine.Settle, task, TaskState.Succeeded, 1, 2));
        Assert.Equal("700 0", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 300, capture 100, capture 100, capture 100", await spine.EntriesAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_failure_keeps_what_was_delivered_and_releases_the_rest()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, results: 3);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 1));

        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Failed)));

        Assert.Equal("failed 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("900 0", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 300, capture 100, release 200", await spine.EntriesAsync(tenant));
        Assert.Equal(1L, await spine.AskAsync<long>("select count(*) from task_results where task_id = $1", task.TaskId));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task Refuses_another_attempts_token_and_keeps_nothing_of_it()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);

        Assert.False(await spine.Settle.SettleAsync(
            Sample.Settle(task with { LeaseToken = Guid.NewGuid() }, TaskState.Succeeded, 0)));

        Assert.Equal("running 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("1000 100", await spine.MoneyAsync(tenant));
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from task_results where task_id = $1", task.TaskId));
    }

    [Fact]
    public async Task Refuses_the_first_attempt_once_a_second_one_runs()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var pool = await spine.PoolAsync();
        await spine.Accept.AcceptAsync(Sample.Task(tenant, pool));
        var first = await spine.ClaimOneAsync(pool);
        await spine.Settle.SettleAsync(Sample.Settle(first, TaskState.Pending));
        Assert.False(await spine.Settle.SettleAsync(Sample.Settle(first, TaskState.Succeeded, 0)));
        var second = await spine.ClaimOneAsync(pool);

        Assert.False(await spine.Settle.SettleAsync(Sample.Settle(first, TaskState.Succeeded, 0)));
        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(second, TaskState.Succeeded, 0)));

        Assert.Equal("900 0", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 100, capture 100", await spine.EntriesAsync(tenant));
    }

    [Theory]
    [InlineData(TaskState.Succeeded)]
    [InlineData(TaskState.Failed)]
    public async Task Says_yes_again_to_the_attempt_that_settled_and_moves_no_money_twice(string state)
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);
        var settlement = Sample.Settle(task, state, state == TaskState.Succeeded ? 0 : null);
        Assert.True(await spine.Settle.SettleAsync(settlement));
        var (money, entries) = (await spine.MoneyAsync(tenant), await spine.EntriesAsync(tenant));

        Assert.True(await spine.Settle.SettleAsync(settlement));

        Assert.Equal((money, entries), (await spine.MoneyAsync(tenant), await spine.EntriesAsync(tenant)));
        // The same attempt with another end is no repetition.
        Assert.False(await spine.Settle.SettleAsync(
            Sample.Settle(task, state == TaskState.Succeeded ? TaskState.Failed : TaskState.Succeeded)));
    }

    [Fact]
    public async Task The_same_result_twice_is_captured_once()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, results: 2);

        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));
        await Sample.SettleAsync(spine.Settle, task, TaskState.Succeeded, 0, 1);

        Assert.Equal("hold 200, capture 100, capture 100", await spine.EntriesAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task One_task_twice_in_a_batch_is_settled_step_by_step()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var tasks = new List<ClaimedTask>();
        for (var i = 0; i < 10; i++)
        {
            tasks.Add(await spine.RunningAsync(tenant, results: 1));
        }

        // The first goes out alone and the others meet in the batch behind it: each task as a success and as a failure.
        var outcomes = await Task.WhenAll(tasks.Concat(tasks).Select((task, i) => spine.Settle.SettleAsync(
            i < 10 ? Sample.Settle(task, TaskState.Succeeded, 0) : Sample.Settle(task, TaskState.Failed))));

        Assert.All(outcomes.Take(10), Assert.True);
        Assert.All(outcomes.Skip(10), Assert.False);
        Assert.Equal("0 0", await spine.MoneyAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_retry_waits_and_counts()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);

        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Pending) with { Delay = TimeSpan.FromHours(1) }));

        Assert.Equal("pending 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("1000 100", await spine.MoneyAsync(tenant));
        Assert.True(await spine.AskAsync<bool>(
            """
            select available_at between now() + interval '59 min' and now() + interval '60 min' and lease_token is null
                   and lease_until is null and finished_at is null from task_states where task_id = $1
            """,
            task.TaskId));
    }

    [Fact]
    public async Task A_task_that_is_handed_back_can_be_claimed_at_once_and_the_attempt_does_not_count()
    {
        var pool = await spine.PoolAsync();
        await spine.Accept.AcceptAsync(Sample.Task(await spine.TenantAsync(), pool));
        var task = await spine.ClaimOneAsync(pool);

        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Pending) with { Error = null }));

        Assert.Equal("pending 0", await spine.StateAsync(task.TaskId));
        Assert.Equal(1, (await spine.ClaimOneAsync(pool)).Attempt);
    }

    [Fact]
    public async Task Tasks_of_many_tenants_settle_together_and_each_pays_its_own()
    {
        var tenants = new List<Guid>();
        var tasks = new List<ClaimedTask>();
        for (var i = 0; i < 12; i++)
        {
            tenants.Add(await spine.TenantAsync(credit: 1000));
            tasks.Add(await spine.RunningAsync(tenants[i], results: 2, price: 10 * (i + 1)));
        }

        // In a different order for every tenant: locks are taken by id, so that two batches never wait for each other in a ring.
        var outcomes = await Task.WhenAll(tasks.OrderBy(task => task.LeaseToken).Select(task => Task.Run(() =>
            Sample.SettleAsync(NewNode(), task, TaskState.Succeeded, 0, 1))));

        Assert.All(outcomes, Assert.True);
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal($"{1000 - (20 * (i + 1))} 0", await spine.MoneyAsync(tenants[i]));
        }
    }

    [Fact]
    public async Task A_task_that_nobody_knows_is_refused()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync());

        Assert.False(await spine.Settle.SettleAsync(
            Sample.Settle(task with { TaskId = Guid.NewGuid() }, TaskState.Succeeded, 0)));
        Assert.False(await spine.Settle.SettleAsync(Sample.Close(Guid.NewGuid())));
    }

    private SettleTasks NewNode() => new(
        spine.Database,
        spine.Get<Platform.Persistence.DatabaseRetry>(),
        spine.Get<Platform.Messaging.SettledEvents>(),
        spine.Get<Platform.Messaging.WebhookBell>(),
        Microsoft.Extensions.Logging.Abstractions.NullLogger<SettleTasks>.Instance);
}
