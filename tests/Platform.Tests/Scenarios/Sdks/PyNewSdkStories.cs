using System.Net;
using System.Net.Sockets;
using System.Text;
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
    public async Task The_pings_that_its_library_sends_by_itself_are_answered_while_a_task_runs(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, customer.Address.Port, Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                "GET /v1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + $"Sec-WebSocket-Key: {Convert.ToBase64String(Guid.NewGuid().ToByteArray())}\r\n\r\n"),
            Token);
        var head = new byte[4096];
        var length = await stream.ReadAsync(head, Token);
        Assert.StartsWith("HTTP/1.1 101", Encoding.ASCII.GetString(head, 0, length), StringComparison.Ordinal);
        var task = SdkTasks.Run("sync", results: 4);
        await stream.WriteAsync(Frame(0x81, $"[{SocketClient.AuthenticationOf(customer.Key).ToJsonString()}]"), Token);
        await stream.WriteAsync(Frame(0x81, $"[{task.ToJsonString()}]"), Token);
        await Until.TrueAsync(async () => (await customer.PollAsync(Ask.UuidOf(task))).Status == 200);

        await stream.WriteAsync(Frame(0x89, "are you there"), Token);

        Assert.Equal("are you there", await PongAsync(stream));
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

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // A whole frame under the mask 0, with a length of one byte or three.
    private static byte[] Frame(byte opcode, string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        byte[] size = bytes.Length < 126 ? [(byte)(0x80 | bytes.Length)] : [0xFE, (byte)(bytes.Length >> 8), (byte)bytes.Length];
        return [opcode, .. size, 0, 0, 0, 0, .. bytes];
    }

    // Reads past the frames of the tasks to the pong.
    private static async Task<string> PongAsync(NetworkStream stream)
    {
        while (true)
        {
            var head = new byte[2];
            await stream.ReadExactlyAsync(head, Token);
            var more = new byte[head[1] == 126 ? 2 : 0];
            await stream.ReadExactlyAsync(more, Token);
            var text = new byte[more.Length == 2 ? (more[0] << 8) | more[1] : head[1]];
            await stream.ReadExactlyAsync(text, Token);
            if (head[0] == 0x8A)
            {
                return Encoding.ASCII.GetString(text);
            }
        }
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
