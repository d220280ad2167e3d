using Platform.Tasks;
using Platform.Tests.Delivery.Webhooks;
using Platform.Tests.Fixtures;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>A worker dies between two steps of the walk: another one finishes its task, and the customer pays once.</summary>
[Collection(Crashes.Name)]
public sealed class KilledWorkerTests(CrashStage stage)
{
    private const int Freeze = 19;
    private const int Thaw = 18;

    [Theory]
    [InlineData(StopPoint.Claimed)]
    [InlineData(StopPoint.Spoken)]
    [InlineData(StopPoint.Encoded)]
    [InlineData(StopPoint.Stored)]
    [InlineData(StopPoint.Settled)]
    [InlineData(StopPoint.Told)]
    public async Task Its_task_is_finished_by_another_and_charged_once(string step)
    {
        var customer = await stage.NewCustomerAsync();
        await using var doomed = await StartAloneAsync(step);

        // Two results, so that the steps after a settlement are the middle of the task as well.
        var task = Ask.ForSpeech("Nothing gets lost on the way.", """{"numberResults":2,"includeCost":true}""");
        var reply = customer.SendAsync(task);
        await CrashStage.StoppedAsync(doomed, step);
        Assert.Equal(137, await doomed.KillAsync());
        stage.Relief.Signal(Thaw);

        // The synchronous caller waits through all of it.
        var answer = await reply.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.True(answer.Status == 200 && answer.Items.Length == 2 && answer.Errors.Length == 0, answer.Text);
        await EndsWellAsync(customer, Ask.UuidOf(task), 2);
        Assert.Equal(2, await stage.AskAsync<short>("select attempt from task_states where tenant_id = $1", customer.TenantId));
    }

    [Theory]
    [InlineData(StopPoint.Settled)]
    [InlineData(StopPoint.Told)]
    public async Task A_finished_task_reaches_its_caller_although_nobody_announced_it(string step)
    {
        var customer = await stage.NewCustomerAsync();
        await using var doomed = await StartAloneAsync(step);
        var task = Ask.ForSpeech();

        var reply = customer.SendAsync(task);
        await CrashStage.StoppedAsync(doomed, step);
        await doomed.KillAsync();
        stage.Relief.Signal(Thaw);

        Assert.Single((await reply.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).Items);
        await EndsWellAsync(customer, Ask.UuidOf(task), 1);
        Assert.Equal(1, await stage.AskAsync<short>("select attempt from task_states where tenant_id = $1", customer.TenantId));
    }

    [Theory]
    [InlineData(StopPoint.Stored)]
    [InlineData(StopPoint.Uploaded)]
    public async Task An_upload_is_repeated_under_the_same_name_and_with_the_same_bytes(string step)
    {
        await using var server = await HookReceiver.StartAsync();
        var customer = await stage.NewCustomerAsync();
        await using var doomed = await StartAloneAsync(step);
        var task = Ask.ForSpeech("Once more.", """{"deliveryMethod":"async"}""");
        task["uploadEndpoint"] = server.Url("/") + "{audioUUID}.mp3";
        await customer.SendAsync(task);
        await CrashStage.StoppedAsync(doomed, step);
        await doomed.KillAsync();
        stage.Relief.Signal(Thaw);

        var item = (await customer.PollToEndAsync(Ask.UuidOf(task))).Item;

        Assert.Equal(step == StopPoint.Stored ? 1 : 2, server.All.Count);
        Assert.All(server.All, heard => Assert.Equal($"/{item["audioUUID"]}.mp3", heard.Path));
        Assert.Single(server.All.Select(static heard => Convert.ToHexString(heard.Body)).Distinct(StringComparer.Ordinal));
        await EndsWellAsync(customer, Ask.UuidOf(task), 1);
    }

    [Fact]
    public async Task A_worker_that_was_frozen_past_its_lease_settles_nothing_twice()
    {
        var customer = await stage.NewCustomerAsync();
        await using var second = await StartAloneAsync("nowhere");
        var text = string.Concat(Enumerable.Repeat("A long story, told twice. ", 35));
        var tasks = Enumerable.Range(0, 2).Select(_ => Ask.ForSpeech(text, """{"deliveryMethod":"async","numberResults":4}""")).ToArray();
        await customer.SendAsync(tasks);
        await Until.TrueAsync(async () => await CountAsync("running", customer) == 2);

        Assert.True(second.Signal(Freeze));
        stage.Relief.Signal(Thaw);
        await Until.TrueAsync(async () => await CountAsync("succeeded", customer) == 2);
        Assert.True(second.Signal(Thaw));

        // It finds out, stops what it was at, and goes on to serve.
        await second.WaitForLineAsync(line => line.Contains("refused by the fence", StringComparison.Ordinal)
            || (line.Contains("lease", StringComparison.Ordinal) && line.Contains("gone", StringComparison.Ordinal)));
        Assert.Equal(0, await second.StopAsync());
        await new Books(stage.Source).AllSucceededAsync(customer.TenantId, [.. tasks.Select(Ask.UuidOf)]);
        await stage.CheckBooksAsync();
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_while_much_waits_ends_soon_and_leaves_the_rest()
    {
        var customer = await stage.NewCustomerAsync();
        await using var leaving = await StartAloneAsync("nowhere");
        var tasks =
            Enumerable.Range(0, 40).Select(_ => Ask.ForSpeech("A rather short sentence.", """{"deliveryMethod":"async"}""")).ToArray();
        await customer.SendAsync(tasks);
        await Until.TrueAsync(async () => await CountAsync("succeeded", customer) > 0);

        Assert.Equal(0, await leaving.StopAsync(TimeSpan.FromSeconds(12)));

        Assert.NotEqual(0, await CountAsync("pending", customer));
        Assert.Equal(0, await CountAsync("running", customer));
        stage.Relief.Signal(Thaw);
        await Until.TrueAsync(async () => await CountAsync("succeeded", customer) == tasks.Length);
        await stage.CheckBooksAsync();
    }

    private async Task<ChildProcess> StartAloneAsync(string step)
    {
        var worker = await stage.StartDoomedWorkerAsync(step);

        // The survivor is frozen while the doomed one takes the task: it is idle, so that no lease of its own runs out.
        Assert.True(stage.Relief.Signal(Freeze));
        return worker;
    }

    private Task<long> CountAsync(string state, Customer customer) =>
        stage.AskAsync<long>("select count(*) from task_states where state = $1 and tenant_id = $2", state, customer.TenantId);

    private async Task EndsWellAsync(Customer customer, string uuid, int results)
    {
        await new Books(stage.Source).AllSucceededAsync(customer.TenantId, [uuid]);
        await stage.CheckBooksAsync();
        Assert.Equal(5_000_000 - (100 * results),
            await stage.AskAsync<long>("select balance from accounts where tenant_id = $1", customer.TenantId));
        foreach (var item in (await customer.PollAsync(uuid)).Items)
        {
            Assert.NotEmpty(await customer.DownloadAsync(item));
        }
    }
}
