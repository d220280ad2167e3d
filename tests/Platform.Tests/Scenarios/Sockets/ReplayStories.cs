using System.Net.WebSockets;
using Xunit;

namespace Platform.Tests.Scenarios.Sockets;

/// <summary>What a client gets that lost its socket and comes back.</summary>
[Collection(Stories.Name)]
public sealed class ReplayStories(Stages stages)
{
    private const string Four = """{"numberResults":4}""";

    [Theory]
    [BothModes]
    public async Task Results_that_nobody_was_there_to_take_follow_the_next_authentication_in_order(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (broken, session) = await SocketClient.EnterAsync(customer);
        var (task, bad) = (Ask.ForSpeech(SocketTexts.Long, Four), Ask.ForSpeech(SocketTexts.Long, """{"taskUUID":"no uuid"}"""));
        await broken.SendAsync(task);
        await AcceptedAsync(customer, Ask.UuidOf(task));
        broken.Break();
        await customer.PollToEndAsync(Ask.UuidOf(task));

        var (client, same) = await SocketClient.EnterAsync(customer, session);
        await using var owned = client;

        Assert.Equal(session, same);
        var items = (await client.ReceiveAsync(4)).ConvertAll(frame => frame.Item);
        Assert.All(items, item => Assert.Equal(Ask.UuidOf(task), (string?)item["taskUUID"]));
        Assert.Equal([0, 1, 2, 3], items.Select(item => (long)item["seed"]! - (long)items[0]["seed"]!));

        // Nothing comes twice, and the session lives on.
        await client.SendAsync(bad);
        Assert.Equal("invalidTaskUUID", (await client.ReceiveAsync()).Code);
        client.Break();
        var (third, again) = await SocketClient.EnterAsync(customer, session);
        await using var last = third;
        Assert.Equal(session, again);
        await third.PingAsync();
        Assert.Equal(SocketTexts.Pong, (await third.ReceiveAsync()).Text);
    }

    [Theory]
    [BothModes]
    public async Task A_clean_close_keeps_what_is_still_to_come_as_well(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (first, session) = await SocketClient.EnterAsync(customer);
        var task = Ask.ForSpeech(SocketTexts.Long);
        await first.SendAsync(task);
        await AcceptedAsync(customer, Ask.UuidOf(task));
        await first.CloseAsync();

        var (client, _) = await SocketClient.EnterAsync(customer, session);
        await using var owned = client;

        Assert.Equal(Ask.UuidOf(task), (string?)(await client.ReceiveAsync()).Item["taskUUID"]);
    }

    [Theory]
    [BothModes]
    public async Task A_result_that_is_still_being_made_reaches_the_new_socket(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (broken, session) = await SocketClient.EnterAsync(customer);
        var task = Ask.ForSpeech(SocketTexts.Long, Four);
        await broken.SendAsync(task);
        await AcceptedAsync(customer, Ask.UuidOf(task));
        broken.Break();

        var (client, _) = await SocketClient.EnterAsync(customer, session);
        await using var owned = client;

        var frames = await client.ReceiveAsync(3);
        Assert.All(frames, frame => Assert.Equal(Ask.UuidOf(task), frame.TaskUuid));
    }

    [Theory]
    [BothModes]
    public async Task A_session_that_another_socket_still_holds_changes_hands(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (half, session) = await SocketClient.EnterAsync(customer);
        await using var first = half;
        var task = Ask.ForSpeech(SocketTexts.Long);
        await half.SendAsync(task);
        await AcceptedAsync(customer, Ask.UuidOf(task));

        // It answers the close as soon as it comes: later, it would be cut off.
        var closed = half.ReceiveCloseAsync();

        var (client, same) = await SocketClient.EnterAsync(customer, session);
        await using var owned = client;

        Assert.Equal(session, same);
        Assert.Equal(Ask.UuidOf(task), (string?)(await client.ReceiveAsync()).Item["taskUUID"]);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await closed);
    }

    [Theory]
    [BothModes]
    public async Task Another_tenant_gets_nothing_by_somebody_elses_session(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (owner, thief) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var (broken, session) = await SocketClient.EnterAsync(owner);
        var task = Ask.ForSpeech(SocketTexts.Long);
        await broken.SendAsync(task);
        await AcceptedAsync(owner, Ask.UuidOf(task));
        broken.Break();
        await owner.PollToEndAsync(Ask.UuidOf(task));

        var (foreign, fresh) = await SocketClient.EnterAsync(thief, session);
        await using var first = foreign;
        Assert.False(session == fresh, "The forgotten session came back.");
        await foreign.PingAsync();
        Assert.Equal(SocketTexts.Pong, (await foreign.ReceiveAsync()).Text);

        var (client, same) = await SocketClient.EnterAsync(owner, session);
        await using var second = client;
        Assert.Equal(session, same);
        Assert.Equal(Ask.UuidOf(task), (string?)(await client.ReceiveAsync()).Item["taskUUID"]);
    }

    [Theory]
    [BothModes("50836053-a0ee-4cf5-b9d6-ae7c5d140ada")]
    [BothModes("no uuid at all")]
    [BothModes("")]
    public async Task An_unknown_session_is_answered_with_a_new_one(Mode mode, string session)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();

        var (client, fresh) = await SocketClient.EnterAsync(customer, session);
        await using var owned = client;

        Assert.True(Guid.TryParse(fresh, out _));
        Assert.False(session == fresh, "The forgotten session came back.");
    }

    // The break must not overtake the task: a socket that is cut with the frame unread has not sent it.
    private static Task AcceptedAsync(Customer customer, string taskUuid) =>
        Until.TrueAsync(async () => (await customer.PollAsync(taskUuid)).Status == 200);
}
