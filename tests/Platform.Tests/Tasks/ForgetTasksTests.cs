using Platform.Ledger;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tests.Ledger;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class ForgetTasksTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_the_retention_time_the_uuid_is_free_again_and_the_ledger_keeps_the_cost()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var old = await FinishedAsync(tenant, ageDays: 31);
        await spine.ExecuteAsync("update task_results set deleted_at = now() where task_id = $1", old.TaskId);

        await spine.Get<ForgetTasks>().RunAsync(Token);

        Assert.Equal(0L, await CountAsync("tasks", old.TaskId));
        Assert.Equal(0L, await CountAsync("task_results", old.TaskId));
        Assert.Equal("hold 100, capture 100", await spine.EntriesAsync(tenant));
        Assert.Equal(
            Acceptance.Accepted,
            await spine.Accept.AcceptAsync(Sample.Task(tenant, await spine.PoolAsync()) with { TaskUuid = old.TaskUuid }));
    }

    [Fact]
    public async Task Finance_reads_the_same_of_a_task_before_and_after_it_is_forgotten()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var old = await FinishedAsync(tenant, ageDays: 31);
        await spine.ExecuteAsync("update task_results set deleted_at = now() where task_id = $1", old.TaskId);
        var before = await CostsAsync(tenant);

        await spine.Get<ForgetTasks>().RunAsync(Token);

        Assert.Equal(0L, await CountAsync("tasks", old.TaskId));
        Assert.Equal(before, await CostsAsync(tenant));
        Assert.Equal((12L, 0.5m, "test", "succeeded"), (before.Units, before.UnitPriceMicroUsd, before.PriceVersion, before.State));
    }

    [Fact]
    public async Task A_younger_task_and_one_whose_link_still_works_are_remembered()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var younger = await FinishedAsync(tenant, ageDays: 29);
        var linked = await FinishedAsync(tenant, ageDays: 31);
        await spine.ExecuteAsync("update task_results set deleted_at = now() where task_id = $1", younger.TaskId);

        await spine.Get<ForgetTasks>().RunAsync(Token);

        Assert.Equal((1L, 1L), (await CountAsync("tasks", younger.TaskId), await CountAsync("task_results", younger.TaskId)));
        Assert.Equal((1L, 1L), (await CountAsync("tasks", linked.TaskId), await CountAsync("task_results", linked.TaskId)));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_uuid_is_free_after_the_retention_time_although_a_link_lives_longer()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var linked = await FinishedAsync(tenant, ageDays: 31);

        await spine.Get<ForgetTasks>().RunAsync(Token);

        Assert.Null(await spine.Get<Platform.Delivery.ReadOutcomes>().FindForTenantAsync(tenant, linked.TaskUuid, Token));
        Assert.Empty(await new ListTasks(spine.Database).RunForTenantAsync(
            tenant, new TaskFilter(DateTimeOffset.MinValue, DateTimeOffset.MaxValue), 10, Token));
        Assert.Equal(1L, await spine.AskAsync<long>(
            "select count(*) from task_results where task_id = $1 and deleted_at is null and expires_at > now()", linked.TaskId));
        Assert.Equal((12L, "succeeded"), ((await CostsAsync(tenant)).Units, (await CostsAsync(tenant)).State));
        Assert.Equal(
            Acceptance.Accepted,
            await spine.Accept.AcceptAsync(Sample.Task(tenant, await spine.PoolAsync()) with { TaskUuid = linked.TaskUuid }));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_task_that_is_not_finished_is_never_forgotten()
    {
        var task = Sample.Task(await spine.TenantAsync(), await spine.PoolAsync()) with { TaskId = IdOfAge(days: 400) };
        await spine.Accept.AcceptAsync(task);

        await spine.Get<ForgetTasks>().RunAsync(Token);

        Assert.Equal(1L, await CountAsync("tasks", task.TaskId));
    }

    [Fact]
    public async Task The_sweep_of_the_files_comes_before_that_of_the_rows()
    {
        var old = await FinishedAsync(await spine.TenantAsync(), ageDays: 31);
        await spine.ExecuteAsync("update task_results set expires_at = now() where task_id = $1", old.TaskId);
        var key = await spine.AskAsync<string>("select blob_key from task_results where task_id = $1", old.TaskId);
        await spine.Get<IBlobStore>().WriteAsync(key, new byte[] { 1, 2, 3 }, TestContext.Current.CancellationToken);

        await spine.Get<ForgetTasks>().RunAsync(Token);
        Assert.Equal(1L, await CountAsync("tasks", old.TaskId));
        await spine.Get<ExpireMedia>().RunAsync(Token);
        await spine.Get<ForgetTasks>().RunAsync(Token);

        Assert.Equal(0L, await CountAsync("tasks", old.TaskId));
        Assert.False(File.Exists(spine.PathOf(key)));
    }

    private static Guid IdOfAge(int days) => Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddDays(-days));

    private async Task<ClaimedTask> FinishedAsync(Guid tenant, int ageDays)
    {
        var pool = await spine.PoolAsync();
        await spine.Accept.AcceptAsync(Sample.Task(tenant, pool) with { TaskId = IdOfAge(ageDays) });
        var task = await spine.ClaimOneAsync(pool);
        Assert.True(await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0)));
        await spine.ExecuteAsync(
            "update tasks set finished_at = now() - make_interval(days => $2) where task_id = $1", task.TaskId, ageDays);
        return task;
    }

    private Task<long> CountAsync(string table, Guid taskId) =>
        spine.AskAsync<long>($"select count(*) from {table} where task_id = $1", taskId);

    private async Task<CostRow> CostsAsync(Guid tenant)
    {
        var rows = new List<CostRow>();
        await foreach (var row in new ReadCosts(spine.Database).StreamAsync(tenant, Period.All, Token))
        {
            rows.Add(row);
        }

        return Assert.Single(rows);
    }
}
