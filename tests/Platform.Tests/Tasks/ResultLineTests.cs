using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tests.Delivery.Webhooks;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Tasks;

/// <summary>Results that go to their customers' servers first: what those servers do costs nobody else the engine.</summary>
public sealed class ResultLineTests(SpineFixture spine) : IClassFixture<SpineFixture>, IAsyncLifetime
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
    public async Task A_server_that_hangs_keeps_nobody_from_the_only_slot_of_the_engine()
    {
        await using var silent = await HookReceiver.StartSilentAsync();
        var hanging = await SubmitAsync(silent.Url());
        using var worker = NewWorker(drain: Never);
        var running = worker.RunAsync(stop.Token);
        (await engine.NextAsync()).Speak();
        await silent.HeardAsync(1);

        var other = await SubmitAsync();
        await worker.TakeTicketAsync(null, Token).SoonAsync();
        (await engine.NextAsync()).Speak();

        await Poll.UntilAsync("the other one is done", async () => await spine.StateAsync(other) == "succeeded 1");
        Assert.Equal("running 1", await spine.StateAsync(hanging));
        await spine.Settle.SettleAsync(Sample.Close(hanging));
        await stop.CancelAsync();
        await silent.DisposeAsync();
        await running.SoonAsync();
    }

    [Fact]
    public async Task A_worker_that_stops_hands_back_what_is_still_on_its_way_without_counting_it()
    {
        await using var silent = await HookReceiver.StartSilentAsync();
        var task = await SubmitAsync(silent.Url());
        using var worker = NewWorker(drain: TimeSpan.Zero);
        var running = worker.RunAsync(stop.Token);
        (await engine.NextAsync()).Speak();
        await silent.HeardAsync(1);

        await stop.CancelAsync();
        await running.SoonAsync();

        Assert.Equal("pending 0", await spine.StateAsync(task));
        Assert.Empty(await FilesOfAsync(task));
        Assert.Equal(1, (await spine.ClaimOneAsync(pool)).Attempt);
    }

    [Fact]
    public async Task A_stopping_worker_waits_for_what_is_on_its_way()
    {
        var answer = new TaskCompletionSource();
        await using var server = await HookReceiver.StartAsync((_, _) => answer.Task);
        var task = await SubmitAsync(server.Url());
        using var worker = NewWorker(drain: Never);
        var running = worker.RunAsync(stop.Token);
        (await engine.NextAsync()).Speak();
        await server.HeardAsync(1);

        await stop.CancelAsync();
        Assert.False(running.IsCompleted);
        answer.SetResult();
        await running.SoonAsync();

        Assert.Equal("succeeded 1", await spine.StateAsync(task));
    }

    [Fact]
    public async Task Its_lease_is_renewed_as_long_as_the_upload_takes()
    {
        await using var silent = await HookReceiver.StartSilentAsync();
        var task = await spine.RunningAsync(tenant, members: Going(silent.Url()));
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        var keeper = new LeaseKeeper(spine.Database, Options.Create(new TasksOptions()), time, NullLogger<LeaseKeeper>.Instance);
        var renewing = keeper.RunAsync(stop.Token);
        using var handBack = new CancellationTokenSource();
        var running = spine.RunWith(engine, keeper).RunAsync(task, new WorkSlot(pool), handBack.Token);
        (await engine.NextAsync()).Speak();
        await silent.HeardAsync(1);
        await spine.ExecuteAsync("update open_tasks set lease_until = now() where task_id = $1", task.TaskId);

        time.Advance(TimeSpan.FromSeconds(10));

        await Poll.UntilAsync("the lease runs again", () => spine.AskAsync<bool>(
            "select lease_until > now() + interval '20 s' from open_tasks where task_id = $1", task.TaskId));
        Assert.False(running.IsCompleted);
        await handBack.CancelAsync();
        await running.SoonAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewing);
    }

    [Fact]
    public async Task The_engine_goes_on_while_a_result_is_uploaded_and_none_is_reported_before_its_server_has_it()
    {
        var answers = new[] { new TaskCompletionSource(), new TaskCompletionSource() };
        await using var server = await HookReceiver.StartAsync((_, heard) => answers[heard.Path[^1] - '0'].Task);
        var task = await spine.RunningAsync(tenant, results: 2, members: Going(server.Url("/") + "{index}"));
        var running = RunAsync(task);
        (await engine.NextAsync()).Speak();
        await server.HeardAsync(1);

        (await engine.NextAsync()).Speak();
        Assert.Equal(0L, await ReportedAsync(task));
        answers[0].SetResult();
        await server.HeardAsync(2);
        Assert.Equal(1L, await ReportedAsync(task));
        answers[1].SetResult();
        await running.SoonAsync();

        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
        Assert.Equal(2L, await ReportedAsync(task));
    }

    [Fact]
    public async Task A_refused_upload_ends_the_task_and_what_was_made_behind_it_leaves_no_file_and_no_charge()
    {
        var refusal = new TaskCompletionSource();
        await using var server = await HookReceiver.StartAsync(async (http, heard) =>
        {
            await refusal.Task;
            http.Response.StatusCode = 403;
        });
        var payer = await spine.TenantAsync(credit: 1000);
        var task = await spine.RunningAsync(payer, results: 3, members: Going(server.Url("/") + "{index}"));
        var running = RunAsync(task);
        (await engine.NextAsync()).Speak();
        (await engine.NextAsync()).Speak();
        var third = await engine.NextAsync();

        refusal.SetResult();
        await Poll.UntilAsync("the task has ended", async () => await spine.StateAsync(task.TaskId) == "failed 1");
        third.Speak();
        await running.SoonAsync();

        Assert.Single(server.All);
        Assert.Empty(await FilesOfAsync(task.TaskId));
        Assert.Equal("1000 0", await spine.MoneyAsync(payer));
    }

    [Fact]
    public async Task A_task_for_a_full_server_goes_back_uncounted_and_unmade_and_others_pass_it_by()
    {
        await using var silent = await HookReceiver.StartSilentAsync();
        var hanging = await Task.WhenAll(SubmitAsync(silent.Url("/0")), SubmitAsync(silent.Url("/1")), SubmitAsync(silent.Url("/2")));
        var other = await SubmitAsync();
        using var worker = NewWorker(drain: TimeSpan.Zero);
        var running = worker.RunAsync(stop.Token);

        for (var i = 0; i < 3; i++)
        {
            (await engine.NextAsync()).Speak();
        }

        // The room takes two to a server.
        await silent.HeardAsync(2);
        await Poll.UntilAsync("the other one is done", async () => await spine.StateAsync(other) == "succeeded 1");
        var states = await Task.WhenAll(hanging.Select(spine.StateAsync));
        Assert.Equal("pending 0, running 1, running 1", string.Join(", ", states.Order(StringComparer.Ordinal)));
        Assert.Equal(1L, await spine.AskAsync<long>(
            "select count(*) from open_tasks where task_id = any($1) and available_at > now() + interval '0.5 s'", hanging));
        Assert.False(engine.HasCalls);
        await stop.CancelAsync();
        await running.SoonAsync();
    }

    private async Task<Guid> SubmitAsync(string? endpoint = null)
    {
        var task = Sample.Task(tenant, pool, members: endpoint is null ? "" : Going(endpoint));
        Assert.Equal(Acceptance.Accepted, await spine.Accept.AcceptAsync(task));
        return task.TaskId;
    }

    private static string Going(string endpoint) => $",\"uploadEndpoint\":\"{endpoint}\"";

    private Task RunAsync(ClaimedTask task) => spine.RunWith(engine).RunAsync(task, new WorkSlot(pool), Token);

    private Task<long> ReportedAsync(ClaimedTask task) =>
        spine.AskAsync<long>("select count(*) from task_results where task_id = $1", task.TaskId);

    private async Task<List<string>> FilesOfAsync(Guid taskId) =>
        [.. (await StoredFile.ListAsync(spine.Get<IOptions<StorageOptions>>().Value.Folder))
            .Where(key => key.Contains($"/{taskId:N}-", StringComparison.Ordinal))];

    private PoolWorker NewWorker(TimeSpan drain) =>
        new(pool, new PoolLimits(1, Never, drain), spine.Claim, spine.RunWith(engine), NullLogger.Instance);
}
