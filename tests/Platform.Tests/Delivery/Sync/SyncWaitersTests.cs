using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Platform.Delivery;
using Platform.Delivery.Sync;
using Platform.Messaging;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Delivery.Sync;

public sealed class SyncWaitersTests : IClassFixture<SpineFixture>
{
    private readonly SpineFixture spine;
    private readonly ManualTime time = new();
    private readonly SyncWaiters waiters;

    public SyncWaitersTests(SpineFixture spine)
    {
        this.spine = spine;
        waiters = NewWaiters(spine.Database);
    }

    [Fact]
    public async Task An_event_wakes_the_caller_with_what_the_rows_say()
    {
        var task = await RunningAsync();
        using var wait = waiters.Begin(task.TaskId);
        var outcome = wait.OutcomeAsync();
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0));

        // The clock stands still, so that nothing but the event can have done it.
        await waiters.HearAsync(Told(task.TaskId));

        Assert.Equal("succeeded", (await outcome.SoonAsync())!.State);
    }

    [Fact]
    public async Task An_event_that_comes_before_the_caller_waits_is_not_lost()
    {
        var task = await RunningAsync();
        using var wait = waiters.Begin(task.TaskId);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0));
        await waiters.HearAsync(Told(task.TaskId));

        Assert.Equal("succeeded", (await wait.OutcomeAsync().SoonAsync())!.State);
    }

    [Fact]
    public async Task A_result_on_the_way_does_not_end_the_wait()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync(), results: 2);
        using var wait = waiters.Begin(task.TaskId);
        var outcome = wait.OutcomeAsync();
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));

        await waiters.HearAsync(Told(task.TaskId));

        Assert.False(outcome.IsCompleted);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 1));
        await waiters.HearAsync(Told(task.TaskId));
        Assert.Equal(2, (await outcome.SoonAsync())!.Items.Count);
    }

    [Fact]
    public async Task A_caller_that_takes_each_result_is_told_of_it_before_the_task_ends()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync(), results: 3);
        var told = Channel.CreateUnbounded<int>();
        using var wait = waiters.Begin(task.TaskId, async outcome => await told.Writer.WriteAsync(outcome.Items.Count));
        var outcome = wait.OutcomeAsync();

        for (short i = 0; i < 2; i++)
        {
            await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, i));

            // The second event about the same result is no news.
            await waiters.HearAsync(Told(task.TaskId));
            await waiters.HearAsync(Told(task.TaskId));
            Assert.Equal(i + 1, await told.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().SoonAsync());
        }

        Assert.False(outcome.IsCompleted);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 2));
        await waiters.HearAsync(Told(task.TaskId));
        Assert.Equal(3, (await outcome.SoonAsync())!.Items.Count);
        Assert.False(told.Reader.TryRead(out _));
    }

    [Fact]
    public async Task News_that_comes_while_the_caller_is_busy_with_the_last_is_not_lost()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync(), results: 2);
        var busy = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        using var wait = waiters.Begin(task.TaskId, _ =>
        {
            begun.SetResult();
            return busy.Task;
        });
        var outcome = wait.OutcomeAsync();
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));
        await waiters.HearAsync(Told(task.TaskId));
        await begun.Task.SoonAsync();

        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 1));
        await waiters.HearAsync(Told(task.TaskId));
        busy.SetResult();

        Assert.Equal("succeeded", (await outcome.SoonAsync())!.State);
    }

    [Fact]
    public async Task A_caller_whose_event_was_lost_looks_for_itself()
    {
        var task = await RunningAsync();
        using var wait = waiters.Begin(task.TaskId);
        var outcome = wait.OutcomeAsync();
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Failed));

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("failed", (await outcome.SoonAsync())!.State);
    }

    [Fact]
    public async Task A_task_that_takes_too_long_gives_nothing_at_the_timeout_and_not_before()
    {
        var task = await RunningAsync();
        using var wait = waiters.Begin(task.TaskId);
        var outcome = wait.OutcomeAsync();
        for (var second = 0; second < 50; second++)
        {
            Assert.False(outcome.IsCompleted, $"after {second} s");
            await time.WaitForTimersAsync();
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(await outcome.SoonAsync());
    }

    [Fact]
    public async Task The_callers_time_counts_from_the_beginning_of_its_request()
    {
        var task = await RunningAsync();
        var received = time.GetTimestamp();

        // A download before the acceptance, say.
        time.Advance(TimeSpan.FromSeconds(20));
        using var wait = waiters.Begin(task.TaskId, since: received);
        var outcome = wait.OutcomeAsync();
        for (var second = 20; second < 50; second++)
        {
            Assert.False(outcome.IsCompleted, $"after {second} s");
            await time.WaitForTimersAsync();
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(await outcome.SoonAsync());
    }

    [Fact]
    public async Task A_caller_whose_time_is_over_before_the_acceptance_is_told_at_once()
    {
        var received = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(51));
        using var wait = waiters.Begin(Guid.NewGuid(), since: received);
        Assert.Null(await wait.OutcomeAsync().SoonAsync());
    }

    [Fact]
    public async Task The_last_look_before_the_timeout_counts()
    {
        var hasty = new SyncWaiters(
            spine.Get<ReadOutcomes>(), time, Options.Create(new DeliveryOptions { SyncTimeoutSeconds = 1, LookAgainSeconds = 1 }));
        var task = await RunningAsync();
        using var wait = hasty.Begin(task.TaskId);
        var outcome = wait.OutcomeAsync();
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0));

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("succeeded", (await outcome.SoonAsync())?.State);
    }

    [Fact]
    public async Task Events_about_what_nobody_here_waits_for_cost_no_query()
    {
        var closed = new Database(spine.ConnectionString, maxConnections: 1);
        await closed.DisposeAsync();
        var deaf = NewWaiters(closed);
        var task = await RunningAsync();
        deaf.Begin(task.TaskId).Dispose();

        await deaf.HearAsync(Told(task.TaskId, Guid.NewGuid()));

        // And one that somebody waits for does ask.
        using var wait = deaf.Begin(task.TaskId);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => deaf.HearAsync(Told(task.TaskId)));
    }

    [Fact]
    public async Task A_caller_outlives_an_outage_of_the_database()
    {
        using var way = new CutConnection(spine.ConnectionString);
        await using var database = new Database(way.ConnectionString, maxConnections: 1);
        var far = NewWaiters(database);
        var task = await RunningAsync();
        using var wait = far.Begin(task.TaskId);
        var outcome = wait.OutcomeAsync();
        await far.HearAsync(Told(task.TaskId));
        way.Cut();
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0));

        // This event meets the broken connection.
        await far.HearAsync(Told(task.TaskId));
        Assert.False(outcome.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("succeeded", (await outcome.SoonAsync())!.State);
    }

    private SyncWaiters NewWaiters(Database database) =>
        new(new ReadOutcomes(database), time, Options.Create(new DeliveryOptions { SyncTimeoutSeconds = 50, LookAgainSeconds = 1 }));

    private async Task<ClaimedTask> RunningAsync() => await spine.RunningAsync(await spine.TenantAsync());

    [Fact]
    public async Task An_event_that_brings_the_only_result_needs_no_look()
    {
        var task = Guid.NewGuid();
        using var wait = waiters.Begin(task);

        // No such row exists: what comes out can only be what the event brought.
        await waiters.HearAsync([new SettledTask { TaskId = task, Item = [1, 2], OutputType = "Url", BlobKey = "audio/ab/x.mp3" }]);

        var outcome = await wait.OutcomeAsync();
        Assert.Equal(("succeeded", 1), (outcome!.State, outcome.NumberResults));
        Assert.Equal([1, 2], Assert.Single(outcome.Items).Json);
    }

    private static List<SettledTask> Told(params Guid[] taskIds) => [.. taskIds.Select(static id => new SettledTask { TaskId = id })];
}
