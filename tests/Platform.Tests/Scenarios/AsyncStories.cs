using System.Net;
using System.Net.Sockets;
using System.Text;
using Platform.Tests.Crash;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Tasks whose result is fetched later, and those that are given up.</summary>
[Collection(Stories.Name)]
public sealed class AsyncStories(Stages stages)
{
    private static readonly string Long = string.Concat(Enumerable.Repeat("All work and no play. ", 90));

    [Theory]
    [BothModes]
    public async Task An_async_task_is_acknowledged_once_and_then_fetched(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var task = Ask.ForSpeech(Long[..300], """{"deliveryMethod":"async","numberResults":3,"includeCost":true}""");
        var uuid = Ask.UuidOf(task);

        var acknowledgement = (await customer.SendAsync(task)).Item;
        Assert.Equal($$"""{"taskType":"audioInference","taskUUID":"{{uuid}}"}""", acknowledgement.ToJsonString());

        // Each poll keeps what an earlier one showed: finished items first, in order, the rest still processing.
        var earlier = Array.Empty<string>();
        var final = await Until.FoundAsync(async () =>
        {
            var poll = await customer.PollAsync(uuid);
            Assert.Equal(3, poll.Items.Length);
            var finished = poll.Items.TakeWhile(item => (string?)item["status"] == "success").Select(item => item.ToJsonString()).ToArray();
            Assert.All(poll.Items.Skip(finished.Length), item =>
                Assert.Equal($$"""{"taskType":"audioInference","taskUUID":"{{uuid}}","status":"processing"}""", item.ToJsonString()));
            Listed.Same(earlier, finished.Take(earlier.Length));
            earlier = finished;
            return finished.Length == 3 ? poll : null;
        });

        Assert.Equal(final.Text, (await customer.PollAsync(uuid)).Text);
        Assert.Equal(3, final.Items.Select(item => (string?)item["audioUUID"]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal([0, 1, 2], final.Items.Select(item => (long)item["seed"]! - (long)final.Items[0]["seed"]!));
    }

    [Theory]
    [BothModes]
    public async Task A_poll_shows_the_item_of_the_sync_reply(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var task = Ask.ForSpeech(more: """{"includeCost":true}""");

        var item = Assert.Single(await customer.SpeakAsync(task));
        var polled = (await customer.PollAsync(Ask.UuidOf(task).ToUpperInvariant())).Item;

        Assert.True(polled.Remove("status", out var status) && (string?)status == "success");
        Assert.Equal(item.ToJsonString(), polled.ToJsonString());
    }

    [Theory]
    [BothModes]
    public async Task Somebody_elses_task_is_as_unknown_as_one_that_never_was(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (owner, other) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var task = Ask.ForSpeech();
        await owner.SpeakAsync(task);
        var (real, none) = (Ask.UuidOf(task), Ask.NewUuid());

        foreach (var ask in (Func<string, System.Text.Json.Nodes.JsonObject>[])[Ask.About, Ask.ToCancel])
        {
            var (foreign, unknown) = (await other.SendAsync(ask(real)), await other.SendAsync(ask(none)));
            Assert.Equal((404, "taskNotFound"), (foreign.Status, foreign.Code));
            Assert.Equal(unknown.Text.Replace(none, real, StringComparison.Ordinal), foreign.Text);
        }

        // And the same taskUUID is free for the other tenant.
        await other.SpeakAsync(task);
    }

    [Theory]
    [BothModes]
    public async Task A_waiting_task_can_be_cancelled_and_costs_nothing(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync(usd: 50);
        var crowd = Enumerable.Range(0, 40).Select(_ => Ask.ForSpeech(Long, """{"deliveryMethod":"async","numberResults":4}""")).ToArray();
        Assert.Equal(crowd.Length, (await customer.SendAsync(crowd)).Items.Length);
        var uuid = Ask.UuidOf(crowd[^1]);

        var cancelled = (await customer.SendAsync(Ask.ToCancel(uuid))).Item;

        Assert.Equal($$"""{"taskType":"cancelTask","taskUUID":"{{uuid}}","status":"cancelled"}""", cancelled.ToJsonString());
        var poll = await customer.PollAsync(uuid);
        Assert.Equal((400, "taskCancelled"), (poll.Status, poll.Code));
        Assert.Equal(("error", "audioInference", uuid),
            ((string?)poll.Error["status"], (string?)poll.Error["taskType"], (string?)poll.Error["taskUUID"]));
        var again = await customer.SendAsync(Ask.ToCancel(uuid));
        Assert.Equal(cancelled.ToJsonString(), again.Item.ToJsonString());

        // The rest goes too, some of it in the middle of its work; whatever was finished by then is charged, and only that.
        await customer.SendAsync([.. crowd[..^1].Select(task => Ask.ToCancel(Ask.UuidOf(task)))]);
        await new Books(stage.Source).CheckAsync(customer.TenantId);
        Assert.True(
            await stage.AskAsync<long>("select count(*) from tasks where tenant_id = $1 and state = 'cancelled'", customer.TenantId) > 30);
    }

    [Theory]
    [BothModes]
    public async Task A_poll_over_http_shows_what_succeeded_beside_what_failed(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var task = Ask.ForSpeech(Long, """{"numberResults":4,"outputFormat":"FLAC","deliveryMethod":"async"}""");
        var uuid = Ask.UuidOf(task);
        await customer.SendAsync(task);
        await Until.TrueAsync(async () => (await customer.PollAsync(uuid)).Items.Any(item => (string?)item["status"] == "success"));
        Assert.Equal("cancelled", (string?)(await customer.SendAsync(Ask.ToCancel(uuid))).Item["status"]);

        var reply = await customer.PollAsync(uuid);

        Assert.Equal(200, reply.Status);
        Assert.InRange(reply.Items.Length, 1, 3);
        Assert.All(reply.Items, item => Assert.Equal(("success", uuid), ((string?)item["status"], (string?)item["taskUUID"])));
        var error = Assert.Single(reply.Errors);
        Assert.Equal(
            ("taskCancelled", "error", "audioInference", uuid),
            ((string?)error["code"], (string?)error["status"], (string?)error["taskType"], (string?)error["taskUUID"]));
        Assert.Equal(reply.Text, (await customer.PollAsync(uuid)).Text);

        // What had been finished is handed over and paid, the rest is neither.
        Assert.Equal(reply.Items.Length, await stage.AskAsync<long>(
            "select count(*) from ledger_entries where tenant_id = $1 and kind = 'capture'", customer.TenantId));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
    }

    [Theory]
    [BothModes]
    public async Task A_caller_that_hangs_up_does_not_stop_the_task(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var task = Ask.ForSpeech(Long, """{"outputFormat":"FLAC"}""");
        var body = $"[{task.ToJsonString()}]";
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, stage.Address.Port, TestContext.Current.CancellationToken);
            var request = $"POST /v1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {customer.Key}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
            await Until.TrueAsync(async () => (await customer.PollAsync(Ask.UuidOf(task))).Status == 200);
            client.Client.Close(0);
        }

        var poll = await customer.PollToEndAsync(Ask.UuidOf(task));

        Assert.Equal("success", (string?)poll.Item["status"]);
    }

    [Theory]
    [BothModes]
    public async Task A_finished_task_cannot_be_cancelled(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var task = Ask.ForSpeech();
        var item = Assert.Single(await customer.SpeakAsync(task));

        var refused = await customer.SendAsync(Ask.ToCancel(Ask.UuidOf(task)));

        Assert.Equal((409, "taskAlreadyFinished"), (refused.Status, refused.Code));
        Assert.NotEmpty(await customer.DownloadAsync(item));
    }
}
