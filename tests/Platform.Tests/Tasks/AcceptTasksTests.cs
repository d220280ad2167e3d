using Platform.Tasks;
using Platform.Tests.Ledger;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class AcceptTasksTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Fact]
    public async Task Writes_the_row_the_hold_and_the_entry_in_one_transaction()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = Sample.Task(tenant, await spine.PoolAsync(), results: 3);

        Assert.Equal(Acceptance.Accepted, await spine.Accept.AcceptAsync(task));

        Assert.Equal("1000 300", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 300", await spine.EntriesAsync(tenant));
        Assert.True(await spine.AskAsync<bool>(
            """
            select t.xmin = e.xmin and t.xmin = a.xmin and t.xmin = o.xmin and e.task_uuid = t.task_uuid and e.model = t.model
                   and t.state = 'open' and o.attempt = 0 and o.held = 300 and o.lease_token is null and t.request = $2
                   and o.deadline = t.accepted_at + interval '24 hours' and o.available_at = t.accepted_at
              from tasks t join open_tasks o using (task_id) join ledger_entries e using (task_id) join accounts a on a.tenant_id = t.tenant_id
             where t.task_id = $1
            """,
            task.TaskId,
            task.Request.ToArray()));
    }

    [Fact]
    public async Task Refuses_a_uuid_that_the_tenant_used_before_and_keeps_nothing_of_it()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var pool = await spine.PoolAsync();
        var first = Sample.Task(tenant, pool);
        await spine.Accept.AcceptAsync(first);

        var again = Sample.Task(tenant, pool) with { TaskUuid = first.TaskUuid };

        Assert.Equal(Acceptance.Conflict, await spine.Accept.AcceptAsync(again));
        Assert.Equal("1000 100", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 100", await spine.EntriesAsync(tenant));
    }

    [Fact]
    public async Task A_uuid_stays_taken_when_its_task_is_over()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var first = Sample.Task(tenant, pool);
        await spine.Accept.AcceptAsync(first);
        await spine.Settle.SettleAsync(Sample.Close(first.TaskId));

        Assert.Equal(
            Acceptance.Conflict, await spine.Accept.AcceptAsync(Sample.Task(tenant, pool) with { TaskUuid = first.TaskUuid }));
    }

    [Fact]
    public async Task Two_tenants_may_use_the_same_uuid()
    {
        var (one, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var pool = await spine.PoolAsync();
        var first = Sample.Task(one, pool);

        var outcomes = await Task.WhenAll(
            spine.Accept.AcceptAsync(first), spine.Accept.AcceptAsync(Sample.Task(other, pool) with { TaskUuid = first.TaskUuid }));

        Assert.Equal([Acceptance.Accepted, Acceptance.Accepted], outcomes);
    }

    [Fact]
    public async Task A_task_that_is_too_dear_leaves_nothing_and_does_not_take_its_uuid()
    {
        var tenant = await spine.TenantAsync(credit: 299);
        var task = Sample.Task(tenant, await spine.PoolAsync(), results: 3);

        Assert.Equal(Acceptance.Unaffordable, await spine.Accept.AcceptAsync(task));

        Assert.Equal("299 0", await spine.MoneyAsync(tenant));
        Assert.Equal("", await spine.EntriesAsync(tenant));
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from tasks where tenant_id = $1", tenant));
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from fair_share where tenant_id = $1", tenant));
        await spine.ExecuteAsync("update accounts set credit_limit = 1 where tenant_id = $1", tenant);
        Assert.Equal(Acceptance.Accepted, await spine.Accept.AcceptAsync(task));
    }

    [Fact]
    public async Task A_tenant_that_does_not_exist_can_afford_nothing()
    {
        Assert.Equal(
            Acceptance.Unaffordable, await spine.Accept.AcceptAsync(Sample.Task(Guid.NewGuid(), await spine.PoolAsync())));
    }

    [Fact]
    public async Task Spends_the_last_of_the_credit_and_not_more_under_200_submissions_at_once()
    {
        var tenant = await spine.TenantAsync(credit: 5000);
        var pool = await spine.PoolAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(
            () => spine.Accept.AcceptAsync(Sample.Task(tenant, pool)))));

        Assert.Equal(50, outcomes.Count(outcome => outcome == Acceptance.Accepted));
        Assert.Equal(150, outcomes.Count(outcome => outcome == Acceptance.Unaffordable));
        Assert.Equal("5000 5000", await spine.MoneyAsync(tenant));
        Assert.Equal(50L, await spine.AskAsync<long>("select count(*) from tasks where tenant_id = $1", tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task Two_nodes_at_once_spend_the_last_of_the_credit_and_not_more()
    {
        var tenant = await spine.TenantAsync(credit: 5000);
        var pool = await spine.PoolAsync();
        var nodes = Enumerable.Range(0, 4).Select(_ => NewNode()).ToList();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(
            () => nodes[i % nodes.Count].AcceptAsync(Sample.Task(tenant, pool)))));

        Assert.Equal(50, outcomes.Count(outcome => outcome == Acceptance.Accepted));
        Assert.Equal("5000 5000", await spine.MoneyAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task One_tenant_without_money_does_not_spoil_the_batch_of_the_others()
    {
        var rich = new List<Guid> { await spine.TenantAsync(), await spine.TenantAsync() };
        var broke = await spine.TenantAsync(credit: 0);
        var pool = await spine.PoolAsync();
        var tenants = Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? broke : rich[i % 2]).ToList();

        var outcomes = await Task.WhenAll(tenants.Select(tenant => spine.Accept.AcceptAsync(Sample.Task(tenant, pool))));

        Assert.Equal(
            tenants.Select(tenant => tenant == broke ? Acceptance.Unaffordable : Acceptance.Accepted), outcomes);
        Assert.Equal("0 0", await spine.MoneyAsync(broke));
    }

    [Fact]
    public async Task A_batch_that_is_too_dear_as_a_whole_is_taken_as_far_as_the_credit_goes()
    {
        var tenant = await spine.TenantAsync(credit: 250);
        var pool = await spine.PoolAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => spine.Accept.AcceptAsync(Sample.Task(tenant, pool))));

        Assert.Equal(2, outcomes.Count(outcome => outcome == Acceptance.Accepted));
        Assert.Equal(3, outcomes.Count(outcome => outcome == Acceptance.Unaffordable));
        Assert.Equal("250 200", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task Of_20_submissions_with_one_uuid_exactly_one_is_accepted()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var uuid = Guid.NewGuid();
        var nodes = Enumerable.Range(0, 4).Select(_ => NewNode()).ToList();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => nodes[i % nodes.Count].AcceptAsync(Sample.Task(tenant, pool) with { TaskUuid = uuid }))));

        Assert.Single(outcomes, Acceptance.Accepted);
        Assert.Equal(19, outcomes.Count(outcome => outcome == Acceptance.Conflict));
        Assert.Equal("1000000 100", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 100", await spine.EntriesAsync(tenant));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_uuid_used_before_spoils_nothing_of_its_batch_the_first_time_and_later(int rounds)
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var node = NewNode();
        var used = Sample.Task(tenant, pool);
        await node.AcceptAsync(used);

        for (var round = 0; round < rounds; round++)
        {
            var tasks = Enumerable.Range(0, 50).Select(_ => Sample.Task(tenant, pool)).ToArray();
            tasks[20] = tasks[20] with { TaskUuid = used.TaskUuid };
            tasks[40] = tasks[40] with { TaskUuid = used.TaskUuid };
            var outcomes = await Task.WhenAll(Array.ConvertAll(tasks, node.AcceptAsync));

            Assert.Equal([20, 40], Enumerable.Range(0, 50).Where(i => outcomes[i] == Acceptance.Conflict));
            Assert.Equal(48, outcomes.Count(static outcome => outcome == Acceptance.Accepted));
        }

        Assert.Equal($"1000000 {100 * ((48 * rounds) + 1)}", await spine.MoneyAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task The_same_task_sent_again_is_the_one_that_was_accepted()
    {
        // Enough for one: the second answer must not be "unaffordable", since the money it lacks is its own hold.
        var tenant = await spine.TenantAsync(credit: 100);
        var task = Sample.Task(tenant, await spine.PoolAsync());

        Assert.Equal(Acceptance.Accepted, await spine.Accept.AcceptAsync(task));
        Assert.Equal(Acceptance.Accepted, await spine.Accept.AcceptAsync(task));

        Assert.Equal("100 100", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 100", await spine.EntriesAsync(tenant));
    }

    [Fact]
    public async Task A_credit_limit_can_be_spent_like_money()
    {
        var tenant = await spine.TenantAsync(credit: 100);
        await spine.ExecuteAsync("update accounts set credit_limit = 150 where tenant_id = $1", tenant);
        var pool = await spine.PoolAsync();

        var outcomes = new List<Acceptance>();
        for (var i = 0; i < 3; i++)
        {
            outcomes.Add(await spine.Accept.AcceptAsync(Sample.Task(tenant, pool)));
        }

        Assert.Equal([Acceptance.Accepted, Acceptance.Accepted, Acceptance.Unaffordable], outcomes);
        Assert.Equal("100 200", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task A_ticket_goes_out_for_what_was_accepted_and_none_for_a_refusal()
    {
        var pool = await spine.PoolAsync();
        using var tickets = await spine.TicketsOfAsync(pool);
        await spine.Accept.AcceptAsync(Sample.Task(await spine.TenantAsync(credit: 0), pool));

        await spine.Accept.AcceptAsync(Sample.Task(await spine.TenantAsync(), pool));

        await tickets.WaitAsync(TestContext.Current.CancellationToken).SoonAsync();
        Assert.Equal(0, tickets.CurrentCount);
    }

    private AcceptTasks NewNode() => new(
        spine.Database,
        spine.Get<Platform.Persistence.DatabaseRetry>(),
        spine.Get<Platform.Messaging.TicketOffice>(),
        spine.Get<Microsoft.Extensions.Options.IOptions<TasksOptions>>(),
        Microsoft.Extensions.Logging.Abstractions.NullLogger<AcceptTasks>.Instance);
}
