using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Api;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Delivery.Sync;
using Platform.Messaging;
using Platform.Outbound;
using Platform.Pricing;
using Platform.Tasks;
using Platform.Tenants;
using Platform.Tenants.Limits;
using Platform.Tests.Catalog;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Api;

public sealed class AudioInferenceHandlerTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static readonly string Uuid = Guid.NewGuid().ToString();

    [Fact]
    public async Task What_was_sent_is_let_go_when_the_task_is_accepted_and_not_when_its_result_is_there()
    {
        var tenant = await spine.TenantAsync();
        var room = new IncomingRoom(1_000_000, 1_000_000);
        var (reply, body) = Send(new Caller(tenant, Guid.NewGuid(), 1, IsSuspended: false), room);
        await Poll.UntilAsync("the task is accepted", async () => await spine.AskAsync<long>(
            "select count(*) from tasks where tenant_id = $1", tenant) == 1);

        await Poll.UntilAsync("the body is gone", () =>
        {
            GC.Collect();
            return Task.FromResult(!body.IsAlive);
        });
        Assert.False(reply.IsCompleted);
        Assert.True(room.Enter(tenant).TryReach(1_000_000));

        await spine.Get<CancelTask>().RunAsync(tenant, Guid.Parse(Uuid), TestContext.Current.CancellationToken);
        var answer = await reply.SoonAsync();
        Assert.Equal(("taskCancelled", true), (Assert.Single(answer.Errors).Code, answer.IsAccepted));
    }

    // A method of its own, so that nothing of it stays on the stack of the test.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private (Task<TaskReply> Reply, WeakReference Body) Send(Caller caller, IncomingRoom room)
    {
        var body = Encoding.UTF8.GetBytes(SampleTask.Text().Replace(SampleTask.Uuid, Uuid, StringComparison.Ordinal) + new string(' ', 200_000));
        var parsed = StrictJson.Parse(body, maxTasks: 1);
        var lease = room.Enter(caller.TenantId);
        Assert.True(lease.TryReach(body.Length));
        var call = new TaskCall(caller, new SentTask(parsed.Tasks!.Single(), TimeProvider.System.GetTimestamp(), lease));
        return (NewDispatcher().HandleAsync(call, CancellationToken.None), new WeakReference(body));
    }

    private Dispatcher NewDispatcher()
    {
        var limits = Options.Create(new LimitsOptions());
        var prices = PriceBook.Load(SchemaFiles.Embedded(), SampleTask.Catalog.Models.Select(model => model.Air));
        var prepare = new PrepareTask(Offered.Check(), prices, limits, spine.Get<NodeIdentity>(), TimeProvider.System);
        var waiters = new SyncWaiters(spine.Get<ReadOutcomes>(), TimeProvider.System, Options.Create(new DeliveryOptions()));
        var submit = new SubmitTask(prepare, spine.Get<OutboundGuard>(), spine.Get<KeepReference>(), spine.Accept, waiters);
        var handler = new AudioInferenceHandler(submit, spine.Get<ItemAudio>());
        return new Dispatcher(
            [new TaskRoute("audioInference", handler.HandleAsync)],
            new RateGate(new RateLimiter(limits, TimeProvider.System)),
            NullLogger<Dispatcher>.Instance);
    }
}
