using Platform.Tasks;
using Platform.Tests.Ledger;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class CancelTaskTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_waiting_task_is_never_run_and_its_hold_is_released()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var pool = await spine.PoolAsync();
        var task = Sample.Task(tenant, pool, results: 2);
        await spine.Accept.AcceptAsync(task);

        Assert.Equal(Cancellation.Cancelled, await spine.Get<CancelTask>().RunAsync(tenant, task.TaskUuid, Token));

        Assert.Equal("cancelled 0", await spine.StateAsync(task.TaskId));
        Assert.Equal("1000 0", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 200, release 200", await spine.EntriesAsync(tenant));
        Assert.Empty(await spine.Claim.ClaimAsync(pool, 1, Token));
    }

    [Fact]
    public async Task A_running_task_keeps_what_is_finished_and_its_worker_is_refused()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, results: 3);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));

        Assert.Equal(Cancellation.Cancelled, await spine.Get<CancelTask>().RunAsync(tenant, task.TaskUuid, Token));

        Assert.False(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 1)));
        Assert.Equal("900 0", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 300, capture 100, release 200", await spine.EntriesAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task Asking_again_gives_the_same_answer_and_releases_nothing_twice()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => spine.Get<CancelTask>().RunAsync(tenant, task.TaskUuid, Token), Token)));

        Assert.All(answers, answer => Assert.Equal(Cancellation.Cancelled, answer));
        Assert.Equal(Cancellation.Cancelled, await spine.Get<CancelTask>().RunAsync(tenant, task.TaskUuid, Token));
        Assert.Equal("hold 100, release 100", await spine.EntriesAsync(tenant));
    }

    [Fact]
    public async Task A_task_that_failed_or_expired_has_finished()
    {
        var tenant = await spine.TenantAsync();
        foreach (var state in new[] { TaskState.Failed, TaskState.Expired })
        {
            var task = await spine.RunningAsync(tenant);
            await spine.Settle.SettleAsync(Sample.Settle(task, state));

            Assert.Equal(Cancellation.AlreadyFinished, await spine.Get<CancelTask>().RunAsync(tenant, task.TaskUuid, Token));
        }
    }

    [Fact]
    public async Task A_finished_task_cannot_be_cancelled()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0));

        Assert.Equal(Cancellation.AlreadyFinished, await spine.Get<CancelTask>().RunAsync(tenant, task.TaskUuid, Token));
        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("900 0", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task Nobody_cancels_what_is_unknown_or_another_tenants()
    {
        var tenant = await spine.TenantAsync();
        var task = await spine.RunningAsync(tenant);

        Assert.Equal(Cancellation.NotFound, await spine.Get<CancelTask>().RunAsync(tenant, Guid.NewGuid(), Token));
        Assert.Equal(
            Cancellation.NotFound, await spine.Get<CancelTask>().RunAsync(await spine.TenantAsync(), task.TaskUuid, Token));
        Assert.Equal("running 1", await spine.StateAsync(task.TaskId));
    }

    [Fact]
    public async Task Of_cancelling_and_settling_at_once_exactly_one_wins_and_the_money_follows_it()
    {
        var tenant = await spine.TenantAsync(credit: 100_000);
        var tasks = new List<ClaimedTask>();
        for (var i = 0; i < 40; i++)
        {
            tasks.Add(await spine.RunningAsync(tenant));
        }

        var races = await Task.WhenAll(tasks.Select(async (task, i) =>
        {
            // Another writer than the settling one, as a cancellation comes from another node.
            var cancel = Task.Run(() => NewNode().SettleAsync(Sample.Close(task.TaskId)), Token);
            var settle = Task.Run(() => spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0)), Token);
            return (Task: task, Cancelled: await cancel, Settled: await settle);
        }));

        Assert.All(races, race => Assert.True(race.Cancelled ^ race.Settled));
        foreach (var race in races)
        {
            Assert.Equal(race.Settled ? "succeeded 1" : "cancelled 1", await spine.StateAsync(race.Task.TaskId));
        }

        Assert.Equal($"{100_000 - (100 * races.Count(race => race.Settled))} 0", await spine.MoneyAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    private SettleTasks NewNode() => new(
        spine.Database,
        spine.Get<Platform.Persistence.DatabaseRetry>(),
        spine.Get<Platform.Messaging.SettledEvents>(),
        spine.Get<Platform.Messaging.WebhookBell>(),
        Microsoft.Extensions.Logging.Abstractions.NullLogger<SettleTasks>.Instance);
}
