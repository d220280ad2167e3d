using Platform.Delivery;
using Platform.Engines;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tests.Fixtures;
using Platform.Tests.Ledger;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class RunClaimedTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private readonly GatedEngine engine = new();

    [Fact]
    public async Task Makes_each_result_with_its_own_seed_and_settles_it_as_it_comes()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, results: 2);
        var running = RunAsync(task);

        var first = await engine.NextAsync();
        Assert.Equal((7L, "Hello there."), (first.Request.Seed, first.Request.Text));
        first.Speak();
        var second = await engine.NextAsync();
        Assert.Equal(8, second.Request.Seed);
        Assert.Equal("900 100", await spine.MoneyAsync(tenant));
        second.Speak();
        await running.SoonAsync();

        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("800 0", await spine.MoneyAsync(tenant));
        var outcome = await OutcomeAsync(task);
        Assert.Equal(2, outcome.Items.Count);
        foreach (var item in outcome.Items)
        {
            Assert.Equal(44 + (2 * 2400), (await StoredFile.ReadAsync(MediaFolder, item.BlobKey))?.Length);
        }
    }

    [Fact]
    public async Task Makes_only_what_an_earlier_attempt_left_open()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync(), results: 3);
        await Sample.SettleAsync(spine.Settle, task, TaskState.Running, 0, 2);
        var running = RunAsync(task with { Finished = [0, 2] });

        var call = await engine.NextAsync();
        Assert.Equal(8, call.Request.Seed);
        call.Speak();
        await running.SoonAsync();

        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
        Assert.False(engine.HasCalls);
    }

    [Fact]
    public async Task A_failure_that_may_pass_is_tried_again_and_one_that_will_not_ends_the_task()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var (passing, final) = (await spine.RunningAsync(tenant), await spine.RunningAsync(tenant));

        var running = RunAsync(passing);
        (await engine.NextAsync()).Fail(retryHelps: true);
        await running.SoonAsync();
        running = RunAsync(final);
        (await engine.NextAsync()).Fail(retryHelps: false);
        await running.SoonAsync();

        Assert.Equal("pending 1", await spine.StateAsync(passing.TaskId));
        Assert.Equal("failed 1", await spine.StateAsync(final.TaskId));
        Assert.Equal("1000 100", await spine.MoneyAsync(tenant));
        Assert.Equal("The engine broke.", ItemJson.ReadError((await OutcomeAsync(final)).Error).Message);
    }

    [Theory]
    [InlineData("Busy")]
    [InlineData("Away")]
    [InlineData("Misconfigured")]
    public async Task An_engine_that_is_not_there_costs_the_task_no_attempt_and_keeps_what_was_finished(string kind)
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, results: 2);
        var running = RunAsync(task);
        (await engine.NextAsync()).Speak();

        (await engine.NextAsync()).Answer.SetResult(SpeechOutcome.Failed(
            EngineFailure.Of(Enum.Parse<FailureKind>(kind), "speak", "gone", "The engine is gone.")));
        await running.SoonAsync();

        Assert.Equal("pending 0", await spine.StateAsync(task.TaskId));
        Assert.Equal("900 100", await spine.MoneyAsync(tenant));
        Assert.Null(await spine.AskAsync<object>("select error from open_tasks where task_id = $1", task.TaskId) as byte[]);
    }

    [Fact]
    public async Task A_worker_without_room_for_long_audio_sends_the_task_back_and_counts_no_attempt()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync());
        var running = spine.RunWith(engine, spoolFolder: "/not-there").RunAsync(task, new WorkSlot("a pool"), TestContext.Current.CancellationToken);

        (await engine.NextAsync()).Answer.SetResult(SpeechOutcome.Of(new Pcm(new short[3_000_000], 24_000)));
        await running.SoonAsync();

        Assert.Equal("pending 0", await spine.StateAsync(task.TaskId));
    }

    [Fact]
    public async Task What_a_provider_refuses_to_say_ends_the_task_by_its_own_code()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync());
        var running = RunAsync(task);

        (await engine.NextAsync()).Answer.SetResult(SpeechOutcome.Failed(
            EngineFailure.Of(FailureKind.ContentRefused, "speak", "moderation", "The provider refuses to speak this text.")));
        await running.SoonAsync();

        Assert.Equal("failed 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("contentPolicyViolation", ItemJson.ReadError((await OutcomeAsync(task)).Error).Code);
    }

    [Fact]
    public async Task An_engine_that_throws_costs_the_task_an_attempt_and_the_worker_nothing()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync());
        var running = RunAsync(task);

        (await engine.NextAsync()).Answer.SetException(new InvalidOperationException("a bug"));
        await running.SoonAsync();

        Assert.Equal("pending 1", await spine.StateAsync(task.TaskId));
    }

    [Fact]
    public async Task A_result_that_comes_after_the_cancellation_leaves_no_file_and_no_charge()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);
        var running = RunAsync(task);
        var call = await engine.NextAsync();

        await spine.Settle.SettleAsync(Sample.Close(task.TaskId));
        call.Speak();
        await running.SoonAsync();

        Assert.Equal("cancelled 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("1000 0", await spine.MoneyAsync(tenant));
        Assert.DoesNotContain(await StoredFile.ListAsync(MediaFolder), key => key.Contains($"/{task.TaskId:N}-", StringComparison.Ordinal));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_task_that_runs_into_its_deadline_expires_and_keeps_what_was_finished()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant, results: 2);
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));

        await RunAsync(task with { Deadline = task.Deadline.AddYears(-1), Finished = [0] }).SoonAsync();

        Assert.Equal("expired 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("hold 200, capture 100, release 100", await spine.EntriesAsync(tenant));
    }

    [Fact]
    public async Task A_store_that_takes_nothing_for_a_moment_costs_the_task_nothing()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync());
        var running = RunAsync(task);
        var call = await engine.NextAsync();
        using (BlockStore())
        {
            call.Speak();
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken));
            Assert.Equal("running 1", await spine.StateAsync(task.TaskId));
        }

        await running.SoonAsync();
        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
    }

    [Fact]
    public async Task A_store_that_stays_away_sends_the_task_back_and_counts_no_attempt()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(tenant);
        var running = RunAsync(task);
        var call = await engine.NextAsync();
        using (BlockStore())
        {
            call.Speak();
            await running.SoonAsync();
        }

        Assert.Equal("pending 0", await spine.StateAsync(task.TaskId));
        Assert.Equal("1000 100", await spine.MoneyAsync(tenant));
    }

    // A file stands where the folder was, until disposed.
    private Unblock BlockStore()
    {
        Directory.CreateDirectory(MediaFolder);
        Directory.Move(MediaFolder, MediaFolder + "-away");
        File.WriteAllText(MediaFolder, "in the way");
        return new Unblock(MediaFolder);
    }

    private sealed class Unblock(string root) : IDisposable
    {
        public void Dispose()
        {
            File.Delete(root);
            Directory.Move(root + "-away", root);
        }
    }

    private string MediaFolder => spine.Get<Microsoft.Extensions.Options.IOptions<StorageOptions>>().Value.Folder;

    private Task RunAsync(ClaimedTask task) => spine.RunWith(engine).RunAsync(task, new WorkSlot("a pool"), TestContext.Current.CancellationToken);

    private async Task<TaskOutcome> OutcomeAsync(ClaimedTask task) =>
        (await spine.Get<ReadOutcomes>().FindAcrossTenantsAsync(task.TaskId))!;
}
