using System.Text.Json.Nodes;
using Platform.Tests.Scenarios.Sockets;
using Xunit;

namespace Platform.Tests.Scenarios.Sdks;

/// <summary>
/// runware-sdk for Python: socket or REST, async unless told otherwise. It parses nothing but <c>application/json</c>, raises as soon as the
/// key <c>errors</c> exists, and over REST sends a request again after 408, 429 and 5xx with the same taskUUID.
/// </summary>
[Collection(Stories.Name)]
public sealed class PyNewSdkStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task Over_rest_an_async_call_is_acknowledged_and_polled(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);
        var task = SdkTasks.Run(results: 2);

        var acknowledgement = await customer.SendAsync(task);

        Assert.Equal("application/json", acknowledgement.Response.Content.Headers.ContentType!.ToString());
        Assert.Equal($$"""{"data":[{"taskType":"audioInference","taskUUID":"{{Ask.UuidOf(task)}}"}]}""", acknowledgement.Text);
        var final = await customer.PollToEndAsync(Ask.UuidOf(task));
        Assert.DoesNotContain("\"error", final.Text, StringComparison.Ordinal);

        // It takes an item for final that has a link.
        Assert.All(final.Items, item => Assert.True((string?)item["status"] == "success" && item.ContainsKey("audioURL")));
    }

    [Theory]
    [BothModes("base64Data", "audioBase64Data")]
    [BothModes("dataURI", "audioDataURI")]
    public async Task Over_rest_a_sync_call_may_carry_its_audio(Mode mode, string outputType, string field)
    {
        var customer = await NewCustomerAsync(mode);
        var task = SdkTasks.Run("sync");
        task["outputType"] = outputType;

        Assert.True((await customer.SendAsync(task)).Item.ContainsKey(field));
    }

    [Theory]
    [BothModes]
    public async Task Over_rest_a_task_that_went_wrong_is_told_with_a_status_that_is_not_tried_again(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);
        var task = SdkTasks.Run("sync");
        await customer.SendAsync(task);

        foreach (var (reply, code) in ((Reply, string)[])[
            (await customer.SendAsync(task), "conflictTaskUUID"),
            (await customer.SendAsync(SdkTasks.Run(voice: "nobody")), "invalidSpeechVoice"),
            (await customer.PollAsync(Ask.NewUuid()), "taskNotFound")])
        {
            Assert.Equal(code, reply.Code);
            Assert.False(reply.Status is 408 or 429 or >= 500, $"{reply.Status}");
        }
    }

    [Theory]
    [BothModes]
    public async Task Over_a_socket_it_authenticates_submits_and_polls_without_a_ping(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var task = SdkTasks.Run(results: 2);

        await client.SendAsync(task);
        Assert.Equal($$"""{"data":[{"taskType":"audioInference","taskUUID":"{{Ask.UuidOf(task)}}"}]}""", (await client.ReceiveAsync()).Text);

        await Until.TrueAsync(async () =>
        {
            await client.SendAsync(Ask.About(Ask.UuidOf(task)));
            var poll = await client.ReceiveAsync();
            Assert.Equal(2, poll.Items.Length);
            return poll.Items.All(item => (string?)item["status"] == "success" && item.ContainsKey("audioURL"));
        });
    }

    [Theory]
    [BothModes]
    public async Task A_finished_async_result_is_not_pushed_unasked(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);
        await using var client = await ConnectAsync(customer);
        var task = SdkTasks.Run();
        await client.SendAsync(task);
        await client.ReceiveAsync();
        await customer.PollToEndAsync(Ask.UuidOf(task));

        await client.PingAsync();

        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
    }

    [Theory]
    [BothModes]
    public async Task Its_messages_stay_under_the_one_megabyte_that_its_library_takes(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var tasks = Enumerable.Range(0, 4).Select(_ => SdkTasks.Run("sync", 4)).ToArray();

        await client.SendAsync(tasks);

        var frames = await client.ReceiveAsync(16);
        Assert.All(frames, frame => Assert.InRange(frame.Text.Length, 100, 1024 * 1024));
        Assert.All(tasks, task => Assert.Equal(4, frames.Count(frame => frame.TaskUuid == Ask.UuidOf(task))));
    }

    private async Task<Customer> NewCustomerAsync(Mode mode) => await (await stages.OnAsync(mode)).NewCustomerAsync();

    private static async Task<SocketClient> ConnectAsync(Customer customer)
    {
        var client = await SocketClient.ConnectAsync(customer.Address, change: options => options.KeepAliveInterval = TimeSpan.FromSeconds(20));
        await client.SendAsync(new JsonObject { ["taskType"] = "authentication", ["apiKey"] = customer.Key });
        SocketClient.SessionOf(await client.ReceiveAsync(seconds: 15));
        return client;
    }
}
