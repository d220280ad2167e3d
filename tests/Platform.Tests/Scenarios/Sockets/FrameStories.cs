using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios.Sockets;

/// <summary>What goes over an authenticated socket, frame by frame.</summary>
[Collection(Stories.Name)]
public sealed class FrameStories(Stages stages)
{
    private const string Four = """{"numberResults":4,"includeCost":true}""";

    [Theory]
    [BothModes]
    public async Task Each_result_of_a_sync_task_is_a_frame_of_its_own(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;
        var task = Ask.ForSpeech(more: Four);

        await client.SendAsync(task);
        var frames = await client.ReceiveAsync(4);

        Assert.All(frames, frame => Assert.Equal(Ask.UuidOf(task), frame.TaskUuid));
        var items = frames.ConvertAll(frame => frame.Item);
        Assert.Equal(4, items.Select(item => (string?)item["audioUUID"]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal([0, 1, 2, 3], items.Select(item => (long)item["seed"]! - (long)items[0]["seed"]!));

        // And a poll shows the same items, with their status.
        var polled = (await customer.PollAsync(Ask.UuidOf(task))).Items;
        Assert.All(polled, item => Assert.True(item.Remove("status")));
        Listed.Same(items.Select(item => item.ToJsonString()), polled.Select(item => item.ToJsonString()));
        await client.PingAsync();
        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
    }

    [Theory]
    [BothModes]
    public async Task A_result_is_sent_when_it_is_finished_and_not_when_all_are(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;
        var task = Ask.ForSpeech(SocketTexts.Long, """{"numberResults":4,"outputFormat":"FLAC"}""");

        await client.SendAsync(task);
        await client.ReceiveAsync();

        // With the first result in hand, the rows say that others are still to come.
        await client.SendAsync(Ask.About(Ask.UuidOf(task)));
        var processing = 0;
        for (var results = 1; results < 4;)
        {
            var frame = await client.ReceiveAsync();
            var isPoll = frame.Items.Length > 1;
            processing += frame.Items.Count(item => (string?)item["status"] == "processing");
            results += isPoll ? 0 : 1;
        }

        Assert.InRange(processing, 1, 3);
    }

    [Theory]
    [BothModes]
    public async Task Several_tasks_in_a_frame_are_answered_each_in_frames_of_its_own(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;
        var (good, bad, later) = (Ask.ForSpeech(), Ask.ForSpeech(speech: """{"voice":"x","speed":9}"""), Ask.ForSpeech(more: """{"deliveryMethod":"async"}"""));

        await client.SendAsync(good, bad, later);
        var frames = (await client.ReceiveAsync(3)).ToDictionary(frame => frame.TaskUuid!, StringComparer.Ordinal);

        Assert.NotNull(frames[Ask.UuidOf(good)].Item["audioURL"]);
        Listed.Same(
            ["invalidSpeechSpeed", "invalidSpeechVoice"],
            frames[Ask.UuidOf(bad)].Errors.Select(error => (string?)error["code"]).Order(StringComparer.Ordinal));
        Assert.Equal($$"""{"data":[{"taskType":"audioInference","taskUUID":"{{Ask.UuidOf(later)}}"}]}""", frames[Ask.UuidOf(later)].Text);
    }

    [Theory]
    [BothModes]
    public async Task A_slow_task_does_not_hold_up_a_ping_or_a_poll(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;

        await client.SendAsync(Ask.ForSpeech(SocketTexts.Long, """{"outputFormat":"FLAC"}"""));
        await client.PingAsync();
        var unknown = Ask.About(Ask.NewUuid());
        await client.SendAsync(unknown);

        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
        var polled = await client.ReceiveAsync();
        Assert.Equal(("taskNotFound", Ask.UuidOf(unknown)), (polled.Code, polled.TaskUuid));
        Assert.NotNull((await client.ReceiveAsync()).Item["audioURL"]);
    }

    [Theory]
    [BothModes]
    public async Task A_poll_of_a_task_that_failed_on_the_way_says_so_in_a_frame_of_its_own(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;
        var task = Ask.ForSpeech(SocketTexts.Long, """{"numberResults":4,"outputFormat":"FLAC"}""");
        await client.SendAsync(task);
        await client.ReceiveAsync();
        Assert.Equal("cancelled", (string?)(await customer.SendAsync(Ask.ToCancel(Ask.UuidOf(task)))).Item["status"]);
        var finished = (await customer.PollAsync(Ask.UuidOf(task))).Items.Length;
        Assert.InRange(finished, 1, 3);

        // The sync task itself: the rest of what was finished, then its error.
        for (var i = 1; i < finished; i++)
        {
            Assert.NotNull((await client.ReceiveAsync()).Item["audioURL"]);
        }

        var cancelled = await client.ReceiveAsync();
        Assert.Equal(("taskCancelled", Ask.UuidOf(task)), (cancelled.Code, cancelled.TaskUuid));

        await client.SendAsync(Ask.About(Ask.UuidOf(task)));
        var (errors, data) = (await client.ReceiveAsync(), await client.ReceiveAsync());
        Assert.Equal(("taskCancelled", "error"), (errors.Code, (string?)errors.Error["status"]));
        Assert.Equal(finished, data.Items.Count(item => (string?)item["status"] == "success"));
    }

    [Theory]
    [BothModes]
    public async Task A_result_whose_file_is_gone_is_an_error_frame_and_no_empty_one(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;
        var task = Ask.ForSpeech(more: """{"outputType":"base64Data"}""");
        await client.SendAsync(task);
        var item = (await client.ReceiveAsync()).Item;
        await StoredFile.DeleteAsync(stage.MediaFolder, await stage.AskAsync<string>(
            "select blob_key from task_results where audio_uuid = $1", Guid.Parse((string)item["audioUUID"]!)));

        await client.SendAsync(Ask.About(Ask.UuidOf(task)));

        var gone = await client.ReceiveAsync();
        Assert.Equal(("mediaExpired", Ask.UuidOf(task)), (gone.Code, gone.TaskUuid));
    }

    [Theory]
    [BothModes("{", "invalidJson")]
    [BothModes("", "invalidJson")]
    [BothModes("[]", "invalidJson")]
    [BothModes("7", "invalidJson")]
    [BothModes("[{\"taskType\":\"ping\",\"taskType\":\"ping\"}]", "invalidJson")]
    [BothModes("[{\"a\":\"\\ud800\"}]", "invalidJson")]
    [BothModes("many", "arrayTooLong")]
    public async Task A_frame_that_cannot_be_read_has_an_error_without_a_task_and_the_socket_stays(Mode mode, string text, string code)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;

        await client.SendAsync(text is "many" ? $"[{string.Join(',', Enumerable.Repeat("{\"taskType\":\"ping\"}", 51))}]" : text);

        var frame = await client.ReceiveAsync();
        Assert.Equal((code, false, false), (frame.Code, frame.Error.ContainsKey("taskUUID"), frame.Error.ContainsKey("taskType")));
        await client.PingAsync();
        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
    }

    [Theory]
    [BothModes]
    public async Task A_frame_over_16_mib_is_refused_and_the_socket_stays(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;

        foreach (var size in (int[])[(16 * 1024 * 1024) + 1, 40 * 1024 * 1024])
        {
            await client.SendAsync(Blank(size));
            var frame = await client.ReceiveAsync();
            Assert.Equal(("payloadTooLarge", null), (frame.Code, frame.TaskUuid));
        }

        // Exactly the limit is a frame like any other.
        var padded = Encoding.UTF8.GetBytes($$"""[{"taskType":"ping","x":"{{new string('x', (16 * 1024 * 1024) - 28)}}"}]""");
        Assert.Equal(16 * 1024 * 1024, padded.Length);
        await client.SendAsync(padded);
        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);

    }

    [Theory]
    [BothModes]
    public async Task A_frame_without_end_closes_the_socket_with_1009(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;
        var closed = client.ReceiveCloseAsync();
        var piece = Blank(1024 * 1024);

        var sent = 0;
        while (!closed.IsCompleted && sent < 400)
        {
            try
            {
                await client.SendAsync(piece, isWhole: false);
                sent++;
            }
            catch (WebSocketException) when (client.Socket.State != WebSocketState.Open)
            {
                break;
            }
        }

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await closed);
        Assert.InRange(sent, 64, 200);
    }

    private static byte[] Blank(int size)
    {
        var bytes = new byte[size];
        bytes.AsSpan().Fill((byte)' ');
        return bytes;
    }

    [Theory]
    [BothModes]
    public async Task A_binary_frame_is_refused_and_fragments_are_joined(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;

        await client.SendAsync("[{\"taskType\":\"ping\"}]"u8.ToArray(), WebSocketMessageType.Binary);
        Assert.Equal("invalidJson", (await client.ReceiveAsync()).Code);

        var ping = Encoding.UTF8.GetBytes("[{\"taskType\":\"ping\",\"note\":\"größer\"}]");
        for (var i = 0; i < ping.Length; i++)
        {
            // One byte at a time, so that the letters of two bytes are cut too.
            await client.SendAsync(ping[i..(i + 1)], isWhole: i == ping.Length - 1);
        }

        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
    }

    [Theory]
    [BothModes]
    public async Task A_lone_object_is_a_frame_of_one_task_and_case_of_the_uuid_is_echoed(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;
        var uuid = Ask.NewUuid().ToUpperInvariant();

        await client.SendAsync(new JsonObject { ["taskType"] = "getResponse", ["taskUUID"] = uuid }.ToJsonString());

        var frame = await client.ReceiveAsync();
        Assert.Equal(("taskNotFound", uuid), (frame.Code, frame.TaskUuid));
    }

    [Theory]
    [BothModes("""{"taskType":"none","taskUUID":"no uuid"}""", "unsupportedTaskType", "no uuid")]
    [BothModes("""{"taskType":"getResponse","taskUUID":"no uuid"}""", "invalidTaskUUID", "no uuid")]
    [BothModes("""{"taskType":"getResponse"}""", "missingTaskUUID", null)]
    [BothModes("""{"taskType":"getResponse","taskUUID":7}""", "invalidTaskUUID", null)]
    [BothModes("""{"taskUUID":"x"}""", "missingTaskType", "x")]
    public async Task An_error_carries_the_task_uuid_as_sent_where_it_was_text(Mode mode, string task, string code, string? uuid)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;

        await client.SendAsync(task);

        var frame = await client.ReceiveAsync();
        Assert.Equal((code, uuid), (frame.Code, frame.TaskUuid));
    }
}

/// <summary>Texts that several stories use.</summary>
internal static class SocketTexts
{
    public const string Pong = """{"data":[{"taskType":"ping","pong":true}]}""";

    /// <summary>Takes an engine a noticeable time.</summary>
    public static string Long { get; } = string.Concat(Enumerable.Repeat("All work and no play makes nobody a poet. ", 47));
}
