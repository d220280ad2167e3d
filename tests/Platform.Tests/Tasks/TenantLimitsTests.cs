using Platform.Tasks;
using Platform.Tests.Ledger;
using Xunit;

namespace Platform.Tests.Tasks;

/// <summary>How many tasks a tenant may have open, and how many of them run at once.</summary>
public sealed class TenantLimitsTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_at_once_exactly_the_allowed_number_is_accepted()
    {
        var (tenant, pool) = (await spine.TenantAsync(), await spine.PoolAsync());
        var nodes = Enumerable.Range(0, 3).Select(_ => NewNode()).ToList();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 300).Select(i =>
            Task.Run(() => nodes[i % 3].AcceptAsync(Sample.Task(tenant, pool) with { MaxQueued = 100 }), Token)));

        Assert.Equal(100, outcomes.Count(outcome => outcome == Acceptance.Accepted));
        Assert.Equal(200, outcomes.Count(outcome => outcome == Acceptance.Full));
        Assert.Equal("100 100", await OpenAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task What_is_refused_takes_no_uuid_and_no_money()
    {
        var (tenant, pool) = (await spine.TenantAsync(credit: 1000), await spine.PoolAsync());
        var task = Sample.Task(tenant, pool) with { MaxQueued = 1 };
        await spine.Accept.AcceptAsync(Sample.Task(tenant, pool));
        Assert.Equal(Acceptance.Full, await spine.Accept.AcceptAsync(task));
        Assert.Equal("1000 100", await spine.MoneyAsync(tenant));

        await spine.Settle.SettleAsync(Sample.Settle(await spine.ClaimOneAsync(pool), TaskState.Succeeded, 0));

        Assert.Equal(Acceptance.Accepted, await spine.Accept.AcceptAsync(task));
    }

    [Fact]
    public async Task A_uuid_that_is_taken_is_a_conflict_however_full_it_is()
    {
        var (tenant, pool) = (await spine.TenantAsync(), await spine.PoolAsync());
        var task = Sample.Task(tenant, pool) with { MaxQueued = 1 };
        await spine.Accept.AcceptAsync(task);

        Assert.Equal(Acceptance.Conflict, await spine.Accept.AcceptAsync(task with { TaskId = Guid.CreateVersion7() }));
    }

    [Fact]
    public async Task A_conflict_takes_no_place_from_the_task_behind_it()
    {
        var (tenant, pool) = (await spine.TenantAsync(), await spine.PoolAsync());
        var first = Sample.Task(tenant, pool) with { MaxQueued = 2 };
        await spine.Accept.AcceptAsync(first);

        // Together with one that is on its way, so that the two that follow share a statement.
        var ahead = spine.Accept.AcceptAsync(Sample.Task(await spine.TenantAsync(), pool));
        var again = spine.Accept.AcceptAsync(first with { TaskId = Guid.CreateVersion7() });
        var next = spine.Accept.AcceptAsync(Sample.Task(tenant, pool) with { MaxQueued = 2 });

        Assert.Equal((Acceptance.Accepted, Acceptance.Conflict, Acceptance.Accepted), (await ahead, await again, await next));
    }

    [Theory]
    [InlineData(TaskState.Succeeded)]
    [InlineData(TaskState.Failed)]
    [InlineData(TaskState.Expired)]
    [InlineData(TaskState.Cancelled)]
    public async Task However_a_task_ends_its_place_is_free(string state)
    {
        var tenant = await spine.TenantAsync();
        var task = await spine.RunningAsync(tenant);

        await spine.Settle.SettleAsync(state == TaskState.Cancelled
            ? Sample.Close(task.TaskId)
            : Sample.Settle(task, state, state == TaskState.Succeeded ? 0 : null));

        Assert.Equal("0 0", await OpenAsync(tenant));
    }

    [Fact]
    public async Task A_task_with_a_result_or_another_try_keeps_its_place_and_one_whose_last_result_came_twice_gives_it_up()
    {
        var tenant = await spine.TenantAsync();
        var (task, other) = (await spine.RunningAsync(tenant, results: 2), await spine.RunningAsync(tenant));
        await spine.Settle.SettleAsync(Sample.Settle(other, TaskState.Pending));
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 1));
        Assert.Equal("2 2", await OpenAsync(tenant));

        // No money moves any more here.
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 1));

        Assert.Equal("1 1", await OpenAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task No_more_run_than_may_and_the_others_are_claimed_instead()
    {
        var (capped, free) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(capped, pool, 10, maxRunning: 3);
        await SubmitAsync(free, pool, 10);

        var first = await spine.Claim.ClaimAsync(pool, 8, Token);

        Assert.Equal((3, 5), (Of(capped, first).Count, Of(free, first).Count));
        Assert.All(first, task => Assert.Equal(task.TenantId == capped, task.IsCapped));
        Assert.Empty(Of(capped, await spine.Claim.ClaimAsync(pool, 3, Token)));
        await spine.Settle.SettleAsync(Sample.Settle(Of(capped, first)[0], TaskState.Succeeded, 0));
        Assert.Equal(capped, Assert.Single(await spine.Claim.ClaimAsync(pool, 1, Token)).TenantId);
        await AssertCountedAsync(capped);
    }

    [Fact]
    public async Task The_limit_holds_over_all_pools_and_claimants_at_once()
    {
        var tenant = await spine.TenantAsync(credit: 100_000);
        string[] pools = [await spine.PoolAsync(), await spine.PoolAsync()];
        await SubmitAsync(tenant, pools[0], 60, maxRunning: 5);
        await SubmitAsync(tenant, pools[1], 60, maxRunning: 5);
        var most = 0L;
        var ended = 0;

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(
            async () =>
            {
                while (Volatile.Read(ref ended) < 120)
                {
                    var claimed = await spine.Claim.ClaimAsync(pools[i % 2], 4, Token);
                    var running = await spine.AskAsync<long>(
                        "select count(*) from open_tasks where tenant_id = $1 and lease_token is not null", tenant);
                    InterlockedMax(ref most, running);
                    await Task.WhenAll(claimed.Select(task => spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0))));
                    Interlocked.Add(ref ended, claimed.Count);
                }
            },
            Token))).SoonAsync();

        Assert.Equal(5, most);
        await AssertCountedAsync(tenant);
    }

    [Theory]
    [InlineData("handed back")]
    [InlineData("tried again")]
    [InlineData("cancelled")]
    [InlineData("lost")]
    public async Task Whatever_ends_an_attempt_lets_the_next_task_run(string how)
    {
        var (tenant, pool) = (await spine.TenantAsync(), await spine.PoolAsync());
        await SubmitAsync(tenant, pool, 2, maxRunning: 1);
        var task = await spine.ClaimOneAsync(pool);
        Assert.Empty(await spine.Claim.ClaimAsync(pool, 1, Token));

        if (how == "lost")
        {
            await spine.ExecuteAsync("update open_tasks set lease_until = now() - interval '1 s' where task_id = $1", task.TaskId);
            await spine.Get<RescueTasks>().RunAsync(Token);
        }
        else
        {
            await spine.Settle.SettleAsync(how == "cancelled"
                ? Sample.Close(task.TaskId)
                : Sample.Settle(task, TaskState.Pending) with { Error = how == "handed back" ? null : "{}"u8.ToArray() });
        }

        await spine.ClaimOneAsync(pool);
        await AssertCountedAsync(tenant);
    }

    [Fact]
    public async Task A_limit_that_the_operator_sets_changes_or_lifts_holds_for_what_is_queued()
    {
        var (tenant, pool) = (await spine.TenantAsync(), await spine.PoolAsync());
        await SubmitAsync(tenant, pool, 20);
        await spine.Claim.ClaimAsync(pool, 2, Token);

        await spine.ExecuteAsync("update tenants set max_running = 3 where tenant_id = $1", tenant);
        var running = await spine.Claim.ClaimAsync(pool, 10, Token);
        Assert.Single(running);
        await spine.ExecuteAsync("update tenants set max_running = 5 where tenant_id = $1", tenant);
        Assert.Equal(2, (await spine.Claim.ClaimAsync(pool, 10, Token)).Count);
        await spine.Settle.SettleAsync(Sample.Settle(running[0], TaskState.Succeeded, 0));
        await AssertCountedAsync(tenant);
        await spine.ExecuteAsync("update tenants set max_running = null where tenant_id = $1", tenant);

        Assert.Equal(10, (await spine.Claim.ClaimAsync(pool, 10, Token)).Count);
    }

    [Fact]
    public async Task A_backlog_that_a_limit_held_back_does_not_go_before_everybody_else_when_the_limit_is_lifted()
    {
        var (capped, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(capped, pool, 100, maxRunning: 1);
        await SubmitAsync(other, pool, 100);
        await spine.Claim.ClaimAsync(pool, 51, Token);

        await spine.ExecuteAsync("update tenants set max_running = 1000 where tenant_id = $1", capped);

        var next = await spine.Claim.ClaimAsync(pool, 40, Token);
        Assert.InRange(Of(other, next).Count, 19, 21);
        await SubmitAsync(capped, pool, 1);
        Assert.True(await spine.AskAsync<bool>(
            "select max(virtual_start) = (select last_finish - 1000 from fair_share f where f.tenant_id = $1) from open_tasks where tenant_id = $1",
            capped));
    }

    [Fact]
    public async Task The_backlog_of_a_tenant_that_may_run_little_is_not_passed_over_by_every_claim()
    {
        var (capped, free) = (await spine.TenantAsync(credit: 1_000_000_000), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        await SubmitAsync(capped, pool, 2000, maxRunning: 1);
        await spine.ClaimOneAsync(pool);
        await SubmitAsync(free, pool, 50);
        await spine.ExecuteAsync("analyze open_tasks");

        var read = await spine.AskAsync<string>(
            $"""
            explain (analyze, buffers, format json)
            select task_id from open_tasks
             where pool = '{pool}' and not capped and not parked and lease_token is null and available_at <= now()
             order by priority desc, virtual_start limit 1
            """);

        Assert.Equal(free, (await spine.ClaimOneAsync(pool)).TenantId);
        Assert.Contains("open_tasks_in_order", read, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Rows Removed by Filter\": 1", read, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rescue_sends_tickets_for_what_may_run_and_none_for_what_may_not()
    {
        var (tenant, pool) = (await spine.TenantAsync(), await spine.PoolAsync());
        await SubmitAsync(tenant, pool, 2, maxRunning: 1);
        Assert.True(await IsWaitingAsync(pool));
        var task = await spine.ClaimOneAsync(pool);
        Assert.False(await IsWaitingAsync(pool));

        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0));

        Assert.True(await IsWaitingAsync(pool));
    }

    [Fact]
    public async Task A_worker_with_free_slots_goes_on_as_soon_as_a_task_ends()
    {
        var (tenant, pool) = (await spine.TenantAsync(), await spine.PoolAsync());
        await SubmitAsync(tenant, pool, 4, maxRunning: 1);
        var engine = new GatedEngine();
        using var stop = new CancellationTokenSource();
        using var worker = new PoolWorker(
            pool, new PoolLimits(3, TimeSpan.FromHours(1), TimeSpan.FromHours(1)), spine.Claim, spine.RunWith(engine),
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var running = worker.RunAsync(stop.Token);

        for (var i = 0; i < 4; i++)
        {
            var call = await engine.NextAsync();
            Assert.False(engine.HasCalls);
            call.Speak();
        }

        await stop.CancelAsync();
        await running.SoonAsync();
        Assert.Equal("0 0", await OpenAsync(tenant));
    }

    private static void InterlockedMax(ref long most, long value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private static List<ClaimedTask> Of(Guid tenant, List<ClaimedTask> tasks) => tasks.FindAll(task => task.TenantId == tenant);

    private async Task SubmitAsync(Guid tenant, string pool, int count, int? maxRunning = null)
    {
        var accepting = Enumerable.Range(0, count)
            .Select(_ => spine.Accept.AcceptAsync(Sample.Task(tenant, pool) with { MaxRunning = maxRunning }));
        Assert.All(await Task.WhenAll(accepting), outcome => Assert.Equal(Acceptance.Accepted, outcome));
    }

    /// <summary>What the account counts and what is there.</summary>
    private Task<string> OpenAsync(Guid tenant) => spine.AskAsync<string>(
        "select open_tasks || ' ' || (select count(*) from open_tasks o where o.tenant_id = a.tenant_id) from accounts a where tenant_id = $1",
        tenant);

    private async Task AssertCountedAsync(Guid tenant) => Assert.True(await spine.AskAsync<bool>(
        """
        select running = (select count(*) from open_tasks o where o.tenant_id = c.tenant_id and o.lease_token is not null)
          from capped_tenants c where tenant_id = $1
        """,
        tenant));

    private Task<bool> IsWaitingAsync(string pool) => spine.AskAsync<bool>(
        $"select exists (select from ({Platform.Persistence.SqlText.Load("waiting")}) w where pool = $1)", pool);

    private AcceptTasks NewNode() => new(
        spine.Database,
        spine.Get<Platform.Persistence.DatabaseRetry>(),
        spine.Get<Platform.Messaging.TicketOffice>(),
        spine.Get<Microsoft.Extensions.Options.IOptions<TasksOptions>>(),
        Microsoft.Extensions.Logging.Abstractions.NullLogger<AcceptTasks>.Instance);
}
