using Platform.Tasks;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class RetryTaskTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_task_that_waits_for_its_next_attempt_can_be_claimed_at_once()
    {
        var tenant = await spine.TenantAsync();
        var task = await spine.RunningAsync(tenant);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Pending) with { Delay = TimeSpan.FromHours(1) });
        var pool = await PoolOfAsync(task.TaskId);
        Assert.Empty(await spine.Claim.ClaimAsync(pool, 1, Token));

        Assert.Equal(Retried.Released, await RetryAsync(task.TaskId));

        Assert.Equal(2, (await spine.ClaimOneAsync(pool)).Attempt);
    }

    [Fact]
    public async Task A_running_task_is_taken_from_its_worker_and_the_attempt_does_not_count()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);

        Assert.Equal(Retried.TakenBack, await RetryAsync(task.TaskId));

        Assert.False(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0)));
        var again = await spine.ClaimOneAsync(await PoolOfAsync(task.TaskId));
        Assert.Equal(1, again.Attempt);
        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(again, TaskState.Succeeded, 0)));
        Assert.Equal("hold 100, capture 100", await spine.EntriesAsync(tenant));
    }

    [Fact]
    public async Task A_failed_task_that_costs_nothing_runs_again_without_an_entry()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Failed));
        await spine.ExecuteAsync("update tasks set price_per_result = 0 where task_id = $1", task.TaskId);
        var before = await spine.EntriesAsync(tenant);

        Assert.Equal(Retried.Again, await RetryAsync(task.TaskId));

        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(await spine.ClaimOneAsync(await PoolOfAsync(task.TaskId)), TaskState.Succeeded, 0) with { }));
        Assert.Equal((before, "1000 0"), (await spine.EntriesAsync(tenant), await spine.MoneyAsync(tenant)));
    }

    [Fact]
    public async Task A_failed_task_runs_again_under_a_new_hold_and_keeps_what_was_finished()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, results: 3);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Failed));
        Assert.Equal("900 0", await spine.MoneyAsync(tenant));

        Assert.Equal(Retried.Again, await RetryAsync(task.TaskId));

        Assert.Equal("900 200", await spine.MoneyAsync(tenant));
        var again = await spine.ClaimOneAsync(await PoolOfAsync(task.TaskId));
        Assert.Equal((short)0, Assert.Single(again.Finished));
        Assert.True(await Sample.SettleAsync(spine.Settle, again, TaskState.Succeeded, 1, 2));
        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("700 0", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 300, capture 100, release 200, hold 200, capture 100, capture 100", await spine.EntriesAsync(tenant));
        Assert.Equal(1, await spine.AskAsync<int>(
            "select count(*)::int from audit_log where action = 'task.retry' and actor = 'a test' and subject = $1", task.TaskId.ToString()));
    }

    [Fact]
    public async Task It_may_fail_again_with_a_webhook_of_its_own()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, members: ",\"webhookURL\":\"https://example.com/hook\"");
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Failed));

        Assert.Equal(Retried.Again, await RetryAsync(task.TaskId));

        var again = await spine.ClaimOneAsync(await PoolOfAsync(task.TaskId));
        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(again, TaskState.Failed)));
        Assert.Equal(1, await spine.AskAsync<int>("select count(*)::int from webhooks where task_id = $1", task.TaskId));
    }

    [Fact]
    public async Task What_is_final_is_not_undone_and_nothing_is_charged_twice()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var done = await spine.RunningAsync(tenant);
        await spine.Settle.SettleAsync(Sample.Settle(done, TaskState.Succeeded, 0));
        var cancelled = await spine.RunningAsync(tenant);
        await spine.Settle.SettleAsync(Sample.Close(cancelled.TaskId));

        Assert.Equal((Retried.Final, Retried.Final), (await RetryAsync(done.TaskId), await RetryAsync(cancelled.TaskId)));
        Assert.Equal(Retried.NotFound, await RetryAsync(Guid.NewGuid()));
        Assert.Equal("900 0", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task Nobody_pays_what_he_does_not_have_and_no_suspended_tenant_is_served()
    {
        var tenant = await spine.TenantAsync(credit: 100);
        var task = await spine.RunningAsync(tenant);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Failed));
        await spine.ExecuteAsync("update tenants set suspended_at = now() where tenant_id = $1", tenant);
        Assert.Equal(Retried.Closed, await RetryAsync(task.TaskId));
        await spine.ExecuteAsync("update tenants set suspended_at = null where tenant_id = $1", tenant);
        await spine.RunningAsync(tenant);

        Assert.Equal(Retried.Unaffordable, await RetryAsync(task.TaskId));

        Assert.Equal("100 100", await spine.MoneyAsync(tenant));
        Assert.Equal("failed 1", await spine.StateAsync(task.TaskId));
    }

    [Fact]
    public async Task Two_operators_at_once_make_one_hold()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Failed));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => RetryAsync(task.TaskId), Token)));

        Assert.Equal(1, outcomes.Count(static outcome => outcome == Retried.Again));
        Assert.Equal("1000 100", await spine.MoneyAsync(tenant));
    }

    private Task<Retried> RetryAsync(Guid taskId) =>
        new RetryTask(spine.Database, Microsoft.Extensions.Options.Options.Create(new TasksOptions())).RunAcrossTenantsAsync(taskId, "a test", Token);

    private Task<string> PoolOfAsync(Guid taskId) => spine.AskAsync<string>("select pool from tasks where task_id = $1", taskId);
}
