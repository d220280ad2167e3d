using Platform.Tasks;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class ClaimTasksTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Fact]
    public async Task A_claim_is_an_attempt_under_a_lease_with_a_token_of_its_own()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var task = Sample.Task(tenant, pool, results: 2) with { Seed = 41 };
        await spine.Accept.AcceptAsync(task);

        var claimed = await spine.ClaimOneAsync(pool);

        Assert.Equal(
            (task.TaskId, tenant, task.TaskUuid, task.Spec.Model), (claimed.TaskId, claimed.TenantId, claimed.TaskUuid, claimed.Model));
        Assert.Equal((1, 2, 100L, 41L), (claimed.Attempt, claimed.NumberResults, claimed.PricePerResult, claimed.Seed));
        Assert.Equal(task.Request.ToArray(), claimed.Request);
        Assert.Empty(claimed.Finished);
        Assert.True(await spine.AskAsync<bool>(
            """
            select state = 'running' and attempt = 1 and lease_token = $2
                   and lease_until between now() + interval '20 s' and now() + interval '30 s'
              from task_states where task_id = $1
            """,
            task.TaskId,
            claimed.LeaseToken));
    }

    [Fact]
    public async Task Takes_at_most_what_was_asked_for_and_nothing_from_an_empty_or_foreign_pool()
    {
        var tenant = await spine.TenantAsync();
        var (pool, other) = (await spine.PoolAsync(), await spine.PoolAsync());
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => spine.Accept.AcceptAsync(Sample.Task(tenant, pool))));

        Assert.Empty(await spine.Claim.ClaimAsync(other, 10, CancellationToken.None));
        Assert.Equal(3, (await spine.Claim.ClaimAsync(pool, 3, CancellationToken.None)).Count);
        Assert.Equal(2, (await spine.Claim.ClaimAsync(pool, 3, CancellationToken.None)).Count);
        Assert.Empty(await spine.Claim.ClaimAsync(pool, 3, CancellationToken.None));
    }

    [Fact]
    public async Task Many_claimants_at_once_take_every_task_once()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var tasks = Enumerable.Range(0, 300).Select(_ => Sample.Task(tenant, pool)).ToList();
        await Task.WhenAll(tasks.Select(spine.Accept.AcceptAsync));

        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => ClaimAllAsync(pool, most: 1 + i))));

        var all = claimed.SelectMany(part => part).ToList();
        Assert.Equal(300, all.Count);
        Assert.Equal(tasks.Select(task => task.TaskId).Order(), all.Select(task => task.TaskId).Order());
    }

    [Fact]
    public async Task Passes_over_a_task_that_another_claimant_is_taking_at_this_moment()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var (first, second) = (Sample.Task(tenant, pool), Sample.Task(tenant, pool));
        await spine.Accept.AcceptAsync(first);
        await spine.Accept.AcceptAsync(second);
        await using var taking = await OtherTransaction.BeginAsync(spine, "select from open_tasks where task_id = $1 for update", first.TaskId);

        Assert.Equal(second.TaskId, (await spine.ClaimOneAsync(pool).SoonAsync()).TaskId);
    }

    [Fact]
    public async Task Leaves_a_task_alone_until_its_wait_is_over()
    {
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var task = Sample.Task(tenant, pool);
        await spine.Accept.AcceptAsync(task);
        await spine.ExecuteAsync("update open_tasks set available_at = now() + interval '1 hour' where task_id = $1", task.TaskId);

        Assert.Empty(await spine.Claim.ClaimAsync(pool, 10, CancellationToken.None));
        await spine.ExecuteAsync("update open_tasks set available_at = now() where task_id = $1", task.TaskId);
        await spine.ClaimOneAsync(pool);
    }

    [Fact]
    public async Task A_second_attempt_learns_which_results_the_first_one_finished()
    {
        var pool = await spine.PoolAsync();
        await spine.Accept.AcceptAsync(Sample.Task(await spine.TenantAsync(), pool, results: 4));
        var first = await spine.ClaimOneAsync(pool);
        await Sample.SettleAsync(spine.Settle, first, TaskState.Running, 0, 2);
        await spine.Settle.SettleAsync(Sample.Settle(first, TaskState.Pending));

        var second = await spine.ClaimOneAsync(pool);

        Assert.Equal(2, second.Attempt);
        Assert.Equal([(short)0, (short)2], second.Finished.Order());
        Assert.NotEqual(first.LeaseToken, second.LeaseToken);
    }

    [Fact]
    public async Task A_task_that_was_handed_back_half_done_keeps_what_was_done()
    {
        var pool = await spine.PoolAsync();
        await spine.Accept.AcceptAsync(Sample.Task(await spine.TenantAsync(), pool, results: 2));
        var first = await spine.ClaimOneAsync(pool);
        await spine.Settle.SettleAsync(Sample.Settle(first, TaskState.Running, 0));
        await spine.Settle.SettleAsync(Sample.Settle(first, TaskState.Pending) with { Error = null });

        var second = await spine.ClaimOneAsync(pool);

        Assert.Equal(1, second.Attempt);
        Assert.Equal([(short)0], second.Finished);
    }

    private async Task<List<ClaimedTask>> ClaimAllAsync(string pool, int most)
    {
        var all = new List<ClaimedTask>();
        while (await spine.Claim.ClaimAsync(pool, most, CancellationToken.None) is { Count: > 0 } some)
        {
            all.AddRange(some);
        }

        return all;
    }
}
