using Microsoft.Extensions.Logging.Abstractions;
using Platform.Tasks;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class PoolWorkerTests(SpineFixture spine) : IClassFixture<SpineFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private readonly GatedEngine engine = new();
    private readonly CancellationTokenSource stop = new();
    private string pool = "";
    private Guid tenant;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (pool, tenant) = (await spine.PoolAsync(), await spine.TenantAsync());

    public ValueTask DisposeAsync()
    {
        stop.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Claims_what_waits_at_its_start_but_no_more_than_its_slots()
    {
        await SubmitAsync(5);
        using var worker = NewWorker(slots: 2);
        var running = worker.RunAsync(stop.Token);
        var (first, second) = (await engine.NextAsync(), await engine.NextAsync());

        Assert.Equal("2 running, 3 pending", await CountsAsync());

        // A freed slot looks again by itself: the idle look is an hour away and nobody brings a ticket.
        first.Speak();
        var third = await engine.NextAsync();
        await Until.TrueAsync(async () => await CountsAsync() == "2 running, 2 pending, 1 succeeded");
        second.Speak();
        third.Speak();
        (await engine.NextAsync()).Speak();
        (await engine.NextAsync()).Speak();
        await EndAsync(running);
        Assert.Equal("5 succeeded", await CountsAsync());
    }

    [Fact]
    public async Task A_ticket_makes_an_idle_worker_look_and_says_when_nothing_more_waits()
    {
        using var worker = NewWorker(slots: 2);
        var running = worker.RunAsync(stop.Token);
        Assert.False(await worker.TakeTicketAsync(null, TestContext.Current.CancellationToken).SoonAsync());
        await SubmitAsync(1);

        Assert.False(await worker.TakeTicketAsync(null, TestContext.Current.CancellationToken).SoonAsync());

        (await engine.NextAsync()).Speak();
        await EndAsync(running);
    }

    [Fact]
    public async Task A_ticket_that_filled_every_slot_is_for_others_too()
    {
        using var worker = NewWorker(slots: 2);
        var running = worker.RunAsync(stop.Token);
        Assert.False(await worker.TakeTicketAsync(null, TestContext.Current.CancellationToken).SoonAsync());
        await SubmitAsync(3);

        Assert.True(await worker.TakeTicketAsync(null, TestContext.Current.CancellationToken).SoonAsync());

        for (var i = 0; i < 3; i++)
        {
            (await engine.NextAsync()).Speak();
        }

        await EndAsync(running);
    }

    [Fact]
    public async Task The_second_copy_of_a_ticket_is_answered_with_the_first_and_passes_nothing_on()
    {
        await SubmitAsync(1);
        using var worker = NewWorker(slots: 1);
        var running = worker.RunAsync(stop.Token);
        var call = await engine.NextAsync();
        await SubmitAsync(2);
        var knock = Guid.NewGuid();

        var (first, second) = (worker.TakeTicketAsync(knock, Token), worker.TakeTicketAsync(knock, Token));
        Assert.False(first.IsCompleted || second.IsCompleted);
        call.Speak();

        Assert.Equal((true, false), (await first.SoonAsync(), await second.SoonAsync()));
        Assert.False(await worker.TakeTicketAsync(knock, Token).SoonAsync());
        (await engine.NextAsync()).Speak();
        (await engine.NextAsync()).Speak();
        await EndAsync(running);
    }

    [Fact]
    public async Task A_ticket_waits_for_a_free_slot()
    {
        await SubmitAsync(1);
        using var worker = NewWorker(slots: 1);
        var running = worker.RunAsync(stop.Token);
        var call = await engine.NextAsync();
        await SubmitAsync(1);

        var ticket = worker.TakeTicketAsync(null, TestContext.Current.CancellationToken);
        Assert.Equal("1 running, 1 pending", await CountsAsync());
        Assert.False(ticket.IsCompleted);
        call.Speak();

        Assert.True(await ticket.SoonAsync());
        (await engine.NextAsync()).Speak();
        await EndAsync(running);
    }

    [Fact]
    public async Task An_idle_worker_finds_work_that_no_ticket_told_of()
    {
        using var worker = NewWorker(slots: 1, idleLook: TimeSpan.FromMilliseconds(20));
        var running = worker.RunAsync(stop.Token);
        Assert.False(await worker.TakeTicketAsync(null, TestContext.Current.CancellationToken).SoonAsync());

        await SubmitAsync(1);

        (await engine.NextAsync()).Speak();
        await EndAsync(running);
    }

    [Fact]
    public async Task A_stopping_worker_finishes_what_it_runs_and_takes_nothing_new()
    {
        await SubmitAsync(2);
        using var worker = NewWorker(slots: 1);
        var running = worker.RunAsync(stop.Token);
        var call = await engine.NextAsync();

        await stop.CancelAsync();
        Assert.False(running.IsCompleted);
        call.Speak();

        await running.SoonAsync();
        Assert.Equal("1 pending, 1 succeeded", await CountsAsync());
        Assert.False(engine.HasCalls);
    }

    [Fact]
    public async Task What_takes_longer_than_the_drain_is_handed_back_and_costs_no_attempt()
    {
        var task = (await SubmitAsync(1))[0];
        using var worker = NewWorker(slots: 1, drain: TimeSpan.Zero);
        var running = worker.RunAsync(stop.Token);
        var call = await engine.NextAsync();

        await EndAsync(running);

        Assert.True(call.Answer.Task.IsCanceled);
        Assert.Equal("pending 0", await spine.StateAsync(task));
        Assert.Equal(1, (await spine.ClaimOneAsync(pool)).Attempt);
    }

    [Fact]
    public async Task A_ticket_that_still_waits_when_the_worker_ends_is_passed_on()
    {
        await SubmitAsync(1);
        using var worker = NewWorker(slots: 1);
        var running = worker.RunAsync(stop.Token);
        var call = await engine.NextAsync();
        var ticket = worker.TakeTicketAsync(null, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        call.Speak();
        await running.SoonAsync();

        Assert.True(await ticket.SoonAsync());
        // One that comes now would only come back.
        Assert.False(await worker.TakeTicketAsync(null, TestContext.Current.CancellationToken).SoonAsync());
    }

    [Fact]
    public async Task Claims_nothing_before_an_engine_takes_work_and_begins_when_one_does()
    {
        await SubmitAsync(2);
        var room = 0;
        using var worker = NewWorker(slots: 8, room: () => Volatile.Read(ref room));
        var running = worker.RunAsync(stop.Token);

        // A ticket that this process can do nothing with is for another, whose engine may be there.
        Assert.True(await worker.TakeTicketAsync(null, TestContext.Current.CancellationToken).SoonAsync());
        Assert.Equal("2 pending", await CountsAsync());

        Volatile.Write(ref room, 1);
        var call = await engine.NextAsync();
        Assert.Equal("1 running, 1 pending", await CountsAsync());
        Volatile.Write(ref room, 8);
        call.Speak();
        (await engine.NextAsync()).Speak();
        await EndAsync(running);
        Assert.Equal("2 succeeded", await CountsAsync());
    }

    private async Task<List<Guid>> SubmitAsync(int count)
    {
        var tasks = Enumerable.Range(0, count).Select(_ => Sample.Task(tenant, pool)).ToList();
        var pending = tasks.ConvertAll(spine.Accept.AcceptAsync);
        Assert.All(await Task.WhenAll(pending), outcome => Assert.Equal(Acceptance.Accepted, outcome));
        return tasks.ConvertAll(task => task.TaskId);
    }

    private Task<string> CountsAsync() => spine.AskAsync<string>(
        """
        select string_agg(count || ' ' || state, ', ' order by array_position('{running,pending,succeeded}', state))
          from (select state, count(*) from task_states where pool = $1 group by state) counts
        """,
        pool);

    private async Task EndAsync(Task running)
    {
        await stop.CancelAsync();
        await running.SoonAsync();
    }

    private PoolWorker NewWorker(int slots, TimeSpan? idleLook = null, TimeSpan? drain = null, Func<int>? room = null) => new(
        pool,
        new PoolLimits(slots, idleLook ?? Never, drain ?? Never)
        {
            Room = room ?? (static () => int.MaxValue),
            EngineLook = TimeSpan.FromMilliseconds(10),
        },
        spine.Claim,
        spine.RunWith(engine),
        NullLogger.Instance);
}
