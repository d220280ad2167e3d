using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class LeaseKeeperTests : IClassFixture<SpineFixture>, IAsyncDisposable
{
    private readonly SpineFixture spine;
    private readonly ManualTime time = new(TimeProvider.System.GetUtcNow());
    private readonly CancellationTokenSource stop = new();
    private readonly LeaseKeeper keeper;
    private readonly Task running;

    public LeaseKeeperTests(SpineFixture spine)
    {
        this.spine = spine;
        keeper = NewKeeper(spine.Database);
        running = keeper.RunAsync(stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        stop.Dispose();
    }

    [Fact]
    public async Task Renews_what_is_held_every_third_of_the_lease()
    {
        var (one, other) = (await RunningAsync(), await RunningAsync());
        using var held = keeper.Hold(one);
        await RunOutAsync(one, other);

        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(await HasLeaseAsync(one));
        time.Advance(TimeSpan.FromSeconds(0.1));

        await Poll.UntilAsync("the lease runs again", () => HasLeaseAsync(one));
        Assert.False(await HasLeaseAsync(other));
        Assert.False(held.Gone.IsCancellationRequested);
    }

    [Fact]
    public async Task Renews_no_longer_what_was_let_go()
    {
        var (mine, other) = (await RunningAsync(), await RunningAsync());
        keeper.Hold(mine).Dispose();
        using var held = keeper.Hold(other);
        await RunOutAsync(mine, other);

        time.Advance(TimeSpan.FromSeconds(10));

        await Poll.UntilAsync("a renewal has been", () => HasLeaseAsync(other));
        Assert.False(await HasLeaseAsync(mine));
    }

    [Fact]
    public async Task Tells_a_cancelled_task_to_stop_and_the_others_not()
    {
        var (cancelled, other) = (await RunningAsync(), await RunningAsync());
        using var lost = keeper.Hold(cancelled);
        using var held = keeper.Hold(other);
        var told = ToldAsync(lost);
        await spine.Settle.SettleAsync(Sample.Close(cancelled.TaskId));

        time.Advance(TimeSpan.FromSeconds(10));

        await told.SoonAsync();
        Assert.False(held.Gone.IsCancellationRequested);
        Assert.Equal("cancelled 1", await spine.StateAsync(cancelled.TaskId));
    }

    [Fact]
    public async Task Notices_that_another_attempt_has_the_task()
    {
        var task = await RunningAsync();
        using var lost = keeper.Hold(task);
        var told = ToldAsync(lost);
        await spine.ExecuteAsync("update open_tasks set lease_token = $2, lease_until = now() where task_id = $1", task.TaskId, Guid.NewGuid());

        time.Advance(TimeSpan.FromSeconds(10));

        await told.SoonAsync();
        // The other one's lease was not renewed by us.
        Assert.False(await HasLeaseAsync(task));
    }

    [Fact]
    public async Task Tells_a_task_to_stop_at_its_deadline()
    {
        var task = await RunningAsync() with { Deadline = time.GetUtcNow().AddSeconds(5) };
        using var held = keeper.Hold(task);

        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(held.Gone.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True(held.Gone.IsCancellationRequested);
    }

    [Fact]
    public async Task A_task_that_is_past_its_deadline_already_stops_at_once()
    {
        using var held = keeper.Hold(await RunningAsync() with { Deadline = time.GetUtcNow().AddSeconds(-1) });

        time.Advance(TimeSpan.Zero);

        Assert.True(held.Gone.IsCancellationRequested);
    }

    [Fact]
    public async Task A_second_attempt_in_this_process_stops_the_first()
    {
        var first = await RunningAsync();
        var second = first with { LeaseToken = Guid.NewGuid(), Attempt = 2 };
        using var old = keeper.Hold(first);
        var told = ToldAsync(old);

        using var held = keeper.Hold(second);

        await told.SoonAsync();
        Assert.False(held.Gone.IsCancellationRequested);
        old.Dispose();
        await spine.ExecuteAsync("update open_tasks set lease_token = $2 where task_id = $1", first.TaskId, second.LeaseToken);
        await RunOutAsync(second);
        time.Advance(TimeSpan.FromSeconds(10));
        await Poll.UntilAsync("the lease of the second runs again", () => HasLeaseAsync(second));
    }

    [Fact]
    public async Task A_first_attempt_that_begins_after_the_second_stops_at_once()
    {
        var first = await RunningAsync();
        using var held = keeper.Hold(first with { LeaseToken = Guid.NewGuid(), Attempt = 2 });

        using var late = keeper.Hold(first);

        Assert.True(late.Gone.IsCancellationRequested);
        Assert.False(held.Gone.IsCancellationRequested);
    }

    [Fact]
    public async Task Says_nothing_of_a_lease_that_a_settlement_on_its_way_has_ended_and_warns_of_one_that_is_lost()
    {
        var log = new Warnings();
        var mine = new LeaseKeeper(spine.Database, Options.Create(new TasksOptions { LeaseSeconds = 30 }), time, log);
        using var ending = new CancellationTokenSource();
        var timers = time.WaitForTimersAsync(2);
        var renewing = mine.RunAsync(ending.Token);
        await timers;
        var (settled, lost) = (await RunningAsync(), await RunningAsync());
        using var closing = mine.Hold(settled);
        using var gone = mine.Hold(lost);
        closing.Close();
        await spine.Settle.SettleAsync(Sample.Settle(settled, TaskState.Succeeded, 0));
        await spine.ExecuteAsync("update open_tasks set lease_token = $2 where task_id = $1", lost.TaskId, Guid.NewGuid());
        var told = ToldAsync(gone);

        time.Advance(TimeSpan.FromSeconds(10));

        await told.SoonAsync();
        Assert.False(closing.Gone.IsCancellationRequested);
        Assert.Contains(lost.TaskId.ToString(), Assert.Single(log.Lines), StringComparison.Ordinal);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewing);
    }

    [Fact]
    public async Task An_outage_of_the_database_stops_no_task_and_no_renewal()
    {
        using var way = new CutConnection(spine.ConnectionString);
        await using var database = new Database(way.ConnectionString, maxConnections: 1);
        var other = NewKeeper(database);
        using var ending = new CancellationTokenSource();
        var timers = time.WaitForTimersAsync(2);
        var renewing = other.RunAsync(ending.Token);
        await timers;
        var task = await RunningAsync();
        using var held = other.Hold(task);
        time.Advance(TimeSpan.FromSeconds(10));
        await RunOutAsync(task);

        // An open connection that is broken by the time of the next renewal, which meets that, and the one after it.
        way.Cut();
        await Poll.UntilAsync("the lease runs again", async () =>
        {
            time.Advance(TimeSpan.FromSeconds(10));
            return await HasLeaseAsync(task);
        });

        Assert.False(held.Gone.IsCancellationRequested);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewing);
    }

    private sealed class Warnings : Microsoft.Extensions.Logging.ILogger<LeaseKeeper>
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

        public void Log<TState>(
            Microsoft.Extensions.Logging.LogLevel logLevel,
            Microsoft.Extensions.Logging.EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));
    }

    private static Task ToldAsync(HeldLease lease)
    {
        var told = new TaskCompletionSource();
        lease.Gone.Register(told.SetResult);
        return told.Task;
    }

    private LeaseKeeper NewKeeper(Database database) => new(
        database, Options.Create(new TasksOptions { LeaseSeconds = 30 }), time, NullLogger<LeaseKeeper>.Instance);

    private async Task<ClaimedTask> RunningAsync() => await spine.RunningAsync(await spine.TenantAsync());

    private Task RunOutAsync(params ClaimedTask[] tasks) => spine.ExecuteAsync(
        "update open_tasks set lease_until = now() - interval '1 s' where task_id = any($1)", tasks.Select(task => task.TaskId).ToArray());

    private Task<bool> HasLeaseAsync(ClaimedTask task) =>
        spine.AskAsync<bool>("select lease_until > now() + interval '20 s' from open_tasks where task_id = $1", task.TaskId);
}
