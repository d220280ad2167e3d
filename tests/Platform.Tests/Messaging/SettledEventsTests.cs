using System.Collections.Concurrent;
using MassTransit;
using Platform.Messaging;
using Platform.Tasks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Messaging;

public sealed class SettledEventsTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Fact]
    public async Task The_node_that_waits_is_told_which_of_its_tasks_were_settled_and_others_are_not()
    {
        var (mine, other) = (Guid.NewGuid(), Guid.NewGuid());
        var heard = await ListenAsync(mine);
        var notHeard = await ListenAsync(other);
        var tenant = await spine.TenantAsync();
        var pool = await spine.PoolAsync();
        var waiting = Sample.Task(tenant, pool) with { Waiter = mine };
        await spine.Accept.AcceptAsync(waiting);
        await spine.Accept.AcceptAsync(Sample.Task(tenant, pool));

        foreach (var claimed in await spine.Claim.ClaimAsync(pool, 2, TestContext.Current.CancellationToken))
        {
            await spine.Settle.SettleAsync(Sample.Settle(claimed, TaskState.Succeeded, 0));
        }

        await Poll.UntilAsync("the event has come", () => Task.FromResult(!heard.IsEmpty));
        Assert.Equal([waiting.TaskId], heard);
        Assert.Empty(notHeard);
    }

    [Fact]
    public async Task Everything_told_arrives_once_however_fast_it_comes()
    {
        var node = Guid.NewGuid();
        var heard = await ListenAsync(node);
        var told = Enumerable.Range(0, 2000).Select(_ => Guid.NewGuid()).ToList();

        Parallel.ForEach(told.Chunk(10), chunk => spine.Get<SettledEvents>().Tell(node, chunk.Select(id => new SettledTask { TaskId = id })));

        await Poll.UntilAsync("all events have come", () => Task.FromResult(heard.Count >= told.Count));
        Assert.Equal(told.Order(), heard.Order());
    }

    [Fact]
    public async Task A_refused_settlement_tells_nobody()
    {
        var node = Guid.NewGuid();
        var heard = await ListenAsync(node);
        var pool = await spine.PoolAsync();
        await spine.Accept.AcceptAsync(Sample.Task(await spine.TenantAsync(), pool) with { Waiter = node });
        var claimed = await spine.ClaimOneAsync(pool);

        await spine.Settle.SettleAsync(Sample.Settle(claimed with { LeaseToken = Guid.NewGuid() }, TaskState.Succeeded, 0));
        await spine.Settle.SettleAsync(Sample.Settle(claimed, TaskState.Succeeded, 0));

        await Poll.UntilAsync("an event has come", () => Task.FromResult(!heard.IsEmpty));
        Assert.Single(heard);
    }

    private async Task<ConcurrentQueue<Guid>> ListenAsync(Guid node)
    {
        var heard = new ConcurrentQueue<Guid>();
        var endpoint = spine.Get<IBusControl>().ConnectReceiveEndpoint(spine.Get<QueueNames>().OfNode(node), setup =>
        {
            setup.ConfigureConsumeTopology = false;
            setup.Handler<TasksSettled>(context =>
            {
                foreach (var task in context.Message.Tasks)
                {
                    heard.Enqueue(task.TaskId);
                }

                return Task.CompletedTask;
            });
        });
        await endpoint.Ready;
        return heard;
    }
}
