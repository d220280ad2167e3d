using Platform.Tests.Scenarios.Sockets;
using Xunit;

namespace Platform.Tests.Scenarios.Sdks;

/// <summary>
/// runware for Python: a socket, a ping right behind the key and every five seconds, up to 15 tasks at a time. An error without a taskUUID
/// is lost on it. After a reconnect it sends pending tasks again and takes a conflict for proof that the first one arrived.
/// </summary>
[Collection(Stories.Name)]
public sealed class PyOldSdkStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task The_ping_behind_the_key_is_answered_after_the_authentication(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));

        await client.PingAsync();
        await client.PingAsync();
        Assert.All(await client.ReceiveAsync(2, seconds: 5), frame => Assert.Equal(SocketTexts.Pong, frame.Text));
    }

    [Theory]
    [BothModes("MP3")]
    [BothModes("mp3")]
    [BothModes("wav")]
    public async Task A_sync_call_gets_items_that_carry_an_audio_uuid(Mode mode, string format)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var task = SdkTasks.PyOld("sync", 2, format);

        await client.SendAsync(task);

        var items = (await client.ReceiveAsync(2)).ConvertAll(frame => frame.Item);
        Assert.All(items, item => Assert.Equal((Ask.UuidOf(task), "audioInference"), ((string?)item["taskUUID"], (string?)item["taskType"])));
        Assert.All(items, item => Assert.EndsWith("." + format, (string)item["audioURL"]!, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(2, items.Select(item => (string?)item["audioUUID"]).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [BothModes]
    public async Task An_async_call_polls_at_once_and_its_filter_lets_finished_items_through(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var task = SdkTasks.PyOld("async", 2);
        await client.SendAsync(task);
        await client.SendAsync(Ask.About(Ask.UuidOf(task)));

        // The acknowledgement and the poll's answer, whichever comes first: a poll may overtake the commit of its own task.
        var first = await client.ReceiveAsync(2);
        Assert.All(first, frame => Assert.Equal(Ask.UuidOf(task), frame.TaskUuid));
        Assert.Contains(first, frame => frame.Items.Length == 1 && frame.Item.Count == 2);
        await Until.TrueAsync(async () =>
        {
            await client.SendAsync(Ask.About(Ask.UuidOf(task)));
            return (await client.ReceiveAsync()).Items.Count(item => item.ContainsKey("audioUUID")) == 2;
        });
    }

    [Theory]
    [BothModes]
    public async Task An_error_reaches_its_caller_with_all_its_fields(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var task = SdkTasks.PyOld("sync", 9);

        await client.SendAsync(task);

        var error = (await client.ReceiveAsync()).Error;
        Assert.Equal(("invalidNumberResults", "numberResults", "integer", Ask.UuidOf(task)),
            ((string?)error["code"], (string?)error["parameter"], (string?)error["type"], (string?)error["taskUUID"]));
        Assert.Equal((1, 4), ((int)error["min"]!, (int)error["max"]!));
        Assert.StartsWith("http", (string)error["documentation"]!, StringComparison.Ordinal);
    }

    [Theory]
    [BothModes]
    public async Task A_task_sent_again_after_a_reconnect_conflicts_and_can_be_polled(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);
        var first = await ConnectAsync(customer);
        var task = SdkTasks.PyOld("sync", 1);
        await first.SendAsync(task);
        await Until.TrueAsync(async () => (await customer.PollAsync(Ask.UuidOf(task))).Status == 200);
        first.Break();

        // It forgets its session, so nothing is replayed.
        await using var again = await ConnectAsync(customer);
        await again.SendAsync(task);

        var conflict = await again.ReceiveAsync();
        Assert.Equal(("conflictTaskUUID", Ask.UuidOf(task)), (conflict.Code, conflict.TaskUuid));
        await Until.TrueAsync(async () =>
        {
            await again.SendAsync(Ask.About(Ask.UuidOf(task)));
            return (string?)(await again.ReceiveAsync()).Item["status"] == "success";
        });
    }

    [Theory]
    [BothModes]
    public async Task A_burst_of_refused_authentications_harms_nobody(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);
        for (var i = 0; i < 6; i++)
        {
            var client = await SocketClient.ConnectAsync(customer.Address);
            await client.SendAsync(SocketClient.AuthenticationOf("wrong"));
            await client.PingAsync();
            Assert.Equal("invalidApiKey", (await client.ReceiveAsync()).Code);
            Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
            client.Break();
        }

        await using var honest = await ConnectAsync(customer);
        await honest.SendAsync(SdkTasks.PyOld("sync", 1));
        Assert.NotNull((await honest.ReceiveAsync()).Item["audioURL"]);
    }

    [Theory]
    [BothModes]
    public async Task Fifteen_tasks_at_once_are_all_answered(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var tasks = Enumerable.Range(0, 15).Select(_ => SdkTasks.PyOld("sync", 1)).ToList();
        foreach (var task in tasks)
        {
            await client.SendAsync(task);
        }

        var frames = await client.ReceiveAsync(15);

        Listed.Same(
            tasks.Select(Ask.UuidOf).Order(StringComparer.Ordinal),
            frames.Select(frame => (string?)frame.Item["taskUUID"]).Order(StringComparer.Ordinal));
    }

    private async Task<Customer> NewCustomerAsync(Mode mode) => await (await stages.OnAsync(mode)).NewCustomerAsync();

    private static async Task<SocketClient> ConnectAsync(Customer customer)
    {
        // Its library sends protocol pings, and gives a socket up that leaves one unanswered.
        var client = await SocketClient.ConnectAsync(customer.Address, change: options =>
        {
            options.SetRequestHeader("X-SDK-Name", "python");
            options.KeepAliveInterval = TimeSpan.FromMilliseconds(200);
            options.KeepAliveTimeout = TimeSpan.FromSeconds(10);
        });
        await client.SendAsync(SocketClient.AuthenticationOf(customer.Key));
        await client.PingAsync();
        SocketClient.SessionOf(await client.ReceiveAsync());
        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
        return client;
    }
}
