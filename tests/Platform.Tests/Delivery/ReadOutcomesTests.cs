using Platform.Catalog;
using Platform.Delivery;
using Platform.Tasks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Delivery;

public sealed class ReadOutcomesTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ReadOutcomes Outcomes => spine.Get<ReadOutcomes>();

    [Fact]
    public async Task Shows_a_task_from_waiting_to_finished_with_its_results_in_their_order()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var task = Sample.Task(tenant, pool, results: 3);
        await spine.Accept.AcceptAsync(task);
        var waiting = await Outcomes.FindForTenantAsync(tenant, task.TaskUuid, Token);
        Assert.Equal(("open", 3, 0, false), (waiting!.State, waiting.NumberResults, waiting.Items.Count, waiting.IsFinal));

        var claimed = await spine.ClaimOneAsync(pool);
        await spine.Settle.SettleAsync(Sample.Settle(claimed, TaskState.Running, 2));
        Assert.Single((await Outcomes.FindForTenantAsync(tenant, task.TaskUuid, Token))!.Items);
        await Sample.SettleAsync(spine.Settle, claimed, TaskState.Succeeded, 0, 1);

        var done = await Outcomes.FindAcrossTenantsAsync(task.TaskId);
        Assert.True(done!.IsFinal);
        Assert.Equal(
            ["{\"index\":0}", "{\"index\":1}", "{\"index\":2}"],
            done.Items.Select(item => System.Text.Encoding.UTF8.GetString(item.Json)).ToArray());
        Assert.All(done.Items, item => Assert.Equal(OutputType.Url, item.OutputType));
    }

    [Fact]
    public async Task Another_tenants_task_does_not_exist()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync());

        Assert.Null(await Outcomes.FindForTenantAsync(await spine.TenantAsync(), task.TaskUuid, Token));
        Assert.Null(await Outcomes.FindAcrossTenantsAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task However_many_polls_come_at_once_they_take_one_connection_and_each_gets_its_own()
    {
        var (one, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        var tasks = Enumerable.Range(0, 40).Select(i => Sample.Task(i % 2 == 0 ? one : other, pool)).ToList();
        await Task.WhenAll(tasks.Select(spine.Accept.AcceptAsync));
        await using var blocker = new Npgsql.NpgsqlConnection(spine.ConnectionString);
        await blocker.OpenAsync(Token);
        await using var transaction = await blocker.BeginTransactionAsync(Token);
        await using (var hold = new Npgsql.NpgsqlCommand("lock table tasks in access exclusive mode", blocker))
        {
            await hold.ExecuteNonQueryAsync(Token);
        }

        var polls = tasks.Select(task => Outcomes.FindForTenantAsync(task.TenantId, task.TaskUuid, Token)).ToList();
        var twice = Outcomes.FindForTenantAsync(tasks[0].TenantId, tasks[0].TaskUuid, Token);
        var foreign = Outcomes.FindForTenantAsync(other, tasks[0].TaskUuid, Token);
        await Poll.UntilAsync("one of them asks", async () => await WaitingAsync() > 0);
        Assert.Equal(1L, await WaitingAsync());
        await transaction.CommitAsync(Token);

        Assert.Equal(tasks.Select(task => task.TaskId), (await Task.WhenAll(polls).SoonAsync()).Select(outcome => outcome!.TaskId));
        Assert.Equal(tasks[0].TaskId, (await twice.SoonAsync())!.TaskId);
        Assert.Null(await foreign.SoonAsync());
        var requests = await Task.WhenAll(tasks.Select(task => Outcomes.FindRequestForTenantAsync(task.TenantId, task.TaskUuid, Token)));
        Assert.All(tasks.Zip(requests), static pair => Assert.Equal(pair.First.Request.ToArray(), pair.Second));
        Assert.Null(await Outcomes.FindRequestForTenantAsync(other, tasks[0].TaskUuid, Token));
    }

    [Fact]
    public async Task A_request_from_before_its_limit_is_not_read_into_memory()
    {
        var task = Sample.Task(await spine.TenantAsync(), await spine.PoolAsync()) with { Request = new byte[300 * 1024] };
        await spine.Accept.AcceptAsync(task);

        Assert.Equal(0, (await Outcomes.FindRequestForTenantAsync(task.TenantId, task.TaskUuid, Token))?.Length);
    }

    private Task<long> WaitingAsync() => spine.AskAsync<long>(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");

    [Fact]
    public async Task Many_reads_at_once_give_each_caller_its_own_task()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var tasks = Enumerable.Range(0, 50).Select(_ => Sample.Task(tenant, pool)).ToList();
        await Task.WhenAll(tasks.Select(spine.Accept.AcceptAsync));

        var found = await Task.WhenAll(tasks.Select(task => Outcomes.FindAcrossTenantsAsync(task.TaskId)));

        Assert.Equal(tasks.Select(task => task.TaskId), found.Select(outcome => outcome!.TaskId));
    }
}
