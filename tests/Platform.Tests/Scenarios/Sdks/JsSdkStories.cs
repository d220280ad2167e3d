using System.Text.Json.Nodes;
using Platform.Tests.Scenarios.Sockets;
using Xunit;

namespace Platform.Tests.Scenarios.Sdks;

/// <summary>
/// @runware/sdk-js: one socket, one task a message. It matches an item by its taskUUID, and by its taskType where there is none; of a frame
/// with errors it looks at the first.
/// </summary>
[Collection(Stories.Name)]
public sealed class JsSdkStories(Stages stages)
{
    private const string Path = "v1?sdk=js&version=1.3.2";

    [Theory]
    [BothModes]
    public async Task Connects_with_its_query_and_headers_and_authenticates_by_task_type(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));

        // Its ping is found by data[0] of a frame, and by nothing else.
        await client.PingAsync();
        var pong = (await client.ReceiveAsync(seconds: 10)).Item;
        Assert.Equal(("ping", true), ((string?)pong["taskType"], (bool?)pong["pong"]));
        Assert.False(pong.ContainsKey("taskUUID"));
    }

    [Theory]
    [BothModes(1)]
    [BothModes(2)]
    public async Task A_sync_call_resolves_when_it_has_number_results_items_and_meets_no_other(Mode mode, int results)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var task = SdkTasks.Js("sync", results);

        await client.SendAsync(task);

        // Any frame with this UUID counts as a result: an acknowledgement or a processing item would resolve the call too early.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Count < results)
        {
            var item = (await client.ReceiveAsync(seconds: 55)).Item;
            Assert.Equal((Ask.UuidOf(task), "audioInference"), ((string?)item["taskUUID"], (string?)item["taskType"]));
            Assert.NotNull(item["audioURL"]);
            Assert.True((decimal)item["cost"]! > 0);
            Assert.False(item.ContainsKey("status"));
            Assert.True(seen.Add((string)item["audioUUID"]!));
        }
    }

    [Theory]
    [BothModes]
    public async Task An_async_call_needs_one_acknowledgement_and_polls_until_it_has_distinct_successes(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var task = SdkTasks.Js("async", 2);

        await client.SendAsync(task);
        var acknowledgement = (await client.ReceiveAsync()).Item;
        Listed.Same(["taskType", "taskUUID"], acknowledgement.Select(member => member.Key));

        var done = await Until.FoundAsync(async () =>
        {
            await client.SendAsync(new JsonObject { ["taskType"] = "getResponse", ["taskUUID"] = Ask.UuidOf(task) });
            var poll = await client.ReceiveAsync();
            Assert.Equal(2, poll.Items.Length);
            Assert.All(poll.Items, item => Assert.Equal(Ask.UuidOf(task), (string?)item["taskUUID"]));
            Assert.All(poll.Items, item => Assert.True((string?)item["status"] is "processing" or "success", item.ToJsonString()));
            return poll.Items.All(item => (string?)item["status"] == "success") ? poll : null;
        });
        Assert.Equal(2, done.Items.Select(item => (string?)item["audioUUID"]).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [BothModes]
    public async Task A_refused_task_rejects_by_the_first_error_of_the_frame(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var task = SdkTasks.Js("sync", 1, voice: "nobody-by-that-name");

        await client.SendAsync(task);

        var error = (await client.ReceiveAsync()).Errors[0];
        Assert.Equal(("invalidSpeechVoice", "speech.voice", "audioInference", Ask.UuidOf(task)),
            ((string?)error["code"], (string?)error["parameter"], (string?)error["taskType"], (string?)error["taskUUID"]));
        Assert.Contains("vivian", error["allowedValues"]!.AsArray().Select(value => (string?)value), StringComparer.Ordinal);
        Assert.NotNull(error["message"]);
    }

    [Theory]
    [BothModes]
    public async Task The_same_custom_uuid_again_is_a_conflict_with_that_uuid(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var task = SdkTasks.Js("sync", 1);
        await client.SendAsync(task);
        Assert.NotNull((await client.ReceiveAsync()).Item["audioURL"]);

        await client.SendAsync(task);

        var conflict = await client.ReceiveAsync();
        Assert.Equal(("conflictTaskUUID", Ask.UuidOf(task)), (conflict.Code, conflict.TaskUuid));
    }

    [Theory]
    [BothModes]
    public async Task A_suspended_or_wrong_key_rejects_at_once_by_the_one_code_it_knows(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var suspended = await stage.NewCustomerAsync();
        await stage.ChangeAsync("update tenants set suspended_at = now() where tenant_id = $1", suspended.TenantId);
        foreach (var key in (string[])[suspended.Key!, "wrong"])
        {
            await using var client = await SocketClient.ConnectAsync(stage.Address, Path);
            await client.SendAsync(new JsonObject { ["apiKey"] = key, ["taskType"] = "authentication" });
            var error = (await client.ReceiveAsync(seconds: 5)).Errors[0];
            Assert.Equal(("invalidApiKey", "authentication"), ((string?)error["code"], (string?)error["taskType"]));
        }
    }

    [Theory]
    [BothModes]
    public async Task A_reconnect_brings_its_session_and_gets_what_it_missed(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);
        var first = await SocketClient.ConnectAsync(customer.Address, Path);
        await first.SendAsync(new JsonObject { ["apiKey"] = customer.Key, ["taskType"] = "authentication" });
        var session = SocketClient.SessionOf(await first.ReceiveAsync());
        var task = SdkTasks.Js("sync", 1);
        await first.SendAsync(task);
        await Until.TrueAsync(async () => (await customer.PollAsync(Ask.UuidOf(task))).Status == 200);

        // It ends without a close frame, as it often does.
        first.Break();
        await using var again = await SocketClient.ConnectAsync(customer.Address, Path);
        await again.SendAsync(
            new JsonObject { ["apiKey"] = customer.Key, ["taskType"] = "authentication", ["connectionSessionUUID"] = session });

        Assert.Equal(session, SocketClient.SessionOf(await again.ReceiveAsync()));
        await again.PingAsync();
        var next = await again.ReceiveAsync();
        Assert.True(next.TaskUuid == Ask.UuidOf(task) || next.Text == SocketTexts.Pong, next.Text);
    }

    private async Task<Customer> NewCustomerAsync(Mode mode) => await (await stages.OnAsync(mode)).NewCustomerAsync();

    private static async Task<SocketClient> ConnectAsync(Customer customer)
    {
        var client = await SocketClient.ConnectAsync(customer.Address, Path, options =>
        {
            options.SetRequestHeader("X-SDK-Name", "js");
            options.SetRequestHeader("X-SDK-Version", "1.3.2");
        });
        await client.SendAsync(new JsonObject { ["apiKey"] = customer.Key, ["taskType"] = "authentication" });
        SocketClient.SessionOf(await client.ReceiveAsync());
        return client;
    }
}
