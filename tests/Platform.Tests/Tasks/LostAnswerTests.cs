using Microsoft.Extensions.DependencyInjection;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Tests.Ledger;
using Xunit;

namespace Platform.Tests.Tasks;

/// <summary>
/// The connection breaks while the server still works on a statement, so that the second try of it meets the first one in flight.
/// </summary>
public sealed class LostAnswerTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Fact]
    public async Task A_task_that_the_lost_try_accepted_is_accepted_and_held_once()
    {
        // No credit for a second one, so that its own hold must not be taken for a lack of money.
        var tenant = await spine.TenantAsync(credit: 100);
        var task = Sample.Task(tenant, await spine.PoolAsync());

        var outcome = await WithLostAnswerAsync(tenant, node => node.GetRequiredService<AcceptTasks>().AcceptAsync(task));

        Assert.Equal(Acceptance.Accepted, outcome);
        Assert.Equal("100 100", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 100", await spine.EntriesAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_result_that_the_lost_try_settled_is_settled_and_its_file_is_kept()
    {
        var tenant = await spine.TenantAsync(credit: 100);
        var task = await spine.RunningAsync(tenant);

        var settled = await WithLostAnswerAsync(
            tenant, node => node.GetRequiredService<SettleTasks>().SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0)));

        // "No" would make the worker delete the file of a result that was charged.
        Assert.True(settled);
        Assert.Equal("0 0", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 100, capture 100", await spine.EntriesAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    private async Task<T> WithLostAnswerAsync<T>(Guid tenant, Func<IServiceProvider, Task<T>> call)
    {
        using var way = new CutConnection(spine.ConnectionString);
        await using var node = spine.Compose(new Database(way.ConnectionString, maxConnections: 4)).BuildServiceProvider();
        await using var block = await OtherTransaction.BeginAsync(spine, "select from accounts where tenant_id = $1 for update", tenant);

        var answer = call(node);
        await block.WaitedForByAsync(1);
        way.Cut();
        await block.WaitedForByAsync(2);
        await block.CommitAsync();
        return await answer.SoonAsync();
    }
}
