using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Scenarios.Sockets;

/// <summary>How a socket is opened, who is let in, and what is said to those who are not.</summary>
[Collection(Stories.Name)]
public sealed class HandshakeStories(Stages stages)
{
    [Theory]
    [BothModes("v1")]
    [BothModes("v1?sdk=js&version=1.3.2&dryRun=1")]
    public async Task A_key_opens_a_session_whatever_the_query_says(Mode mode, string path)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        await using var client = await SocketClient.ConnectAsync(customer.Address, path);

        await client.SendAsync(SocketClient.AuthenticationOf(customer.Key));

        Assert.True(Guid.TryParse(SocketClient.SessionOf(await client.ReceiveAsync()), out _));
    }

    [Theory]
    [BothModes]
    public async Task A_ping_sent_right_behind_the_key_is_answered_after_it(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        await using var client = await SocketClient.ConnectAsync(customer.Address);

        // A fresh tenant's key is in no memory yet: the look at the database must not let the ping overtake.
        await client.SendAsync(SocketClient.AuthenticationOf(customer.Key));
        await client.PingAsync();
        await client.SendAsync(Ask.ForSpeech());

        SocketClient.SessionOf(await client.ReceiveAsync());
        Assert.Equal("""{"data":[{"taskType":"ping","pong":true}]}""", (await client.ReceiveAsync()).Text);
        Assert.NotNull((await client.ReceiveAsync()).Item["audioURL"]);
    }

    [Theory]
    [BothModes]
    public async Task Key_and_tasks_may_come_in_one_frame(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        await using var client = await SocketClient.ConnectAsync(customer.Address);
        var task = Ask.ForSpeech();

        await client.SendAsync(SocketClient.AuthenticationOf(customer.Key), task);

        SocketClient.SessionOf(await client.ReceiveAsync());
        Assert.Equal(Ask.UuidOf(task), (await client.ReceiveAsync()).TaskUuid);
    }

    [Theory]
    [BothModes]
    public async Task Before_the_key_ping_is_answered_and_every_other_task_misses_it(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        await using var client = await SocketClient.ConnectAsync(customer.Address);
        var (speech, poll) = (Ask.ForSpeech(), Ask.About(Ask.NewUuid()));

        await client.SendAsync(speech, new JsonObject { ["taskType"] = "ping", ["ping"] = true }, poll);

        var frames = await client.ReceiveAsync(3);
        Assert.Equal(("missingApiKey", "audioInference", Ask.UuidOf(speech)),
            (frames[0].Code, (string?)frames[0].Error["taskType"], frames[0].TaskUuid));
        Assert.Equal("""{"data":[{"taskType":"ping","pong":true}]}""", frames[1].Text);
        Assert.Equal(("missingApiKey", "getResponse", Ask.UuidOf(poll)),
            (frames[2].Code, (string?)frames[2].Error["taskType"], frames[2].TaskUuid));

        // The refused task took no UUID, and the socket is as good as before.
        await client.SendAsync(SocketClient.AuthenticationOf(customer.Key), speech);
        SocketClient.SessionOf(await client.ReceiveAsync());
        Assert.Equal(Ask.UuidOf(speech), (string?)(await client.ReceiveAsync()).Item["taskUUID"]);
    }

    [Theory]
    [BothModes("secret")]
    [BothModes("")]
    [BothModes("rw_test_00000000000000000000000000000000_000000")]
    public async Task A_refused_key_is_told_under_both_names_and_leaves_the_socket_open(Mode mode, string key)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        await using var client = await SocketClient.ConnectAsync(customer.Address);

        await client.SendAsync(SocketClient.AuthenticationOf(key));

        var refusal = await client.ReceiveAsync();
        Assert.Equal(("invalidApiKey", "authentication", "apiKey"),
            (refusal.Code, (string?)refusal.Error["taskType"], (string?)refusal.Error["parameter"]));
        Assert.False(refusal.Error.ContainsKey("taskUUID"));
        Assert.True(key.Length == 0 || !refusal.Text.Contains(key, StringComparison.Ordinal));
        await client.SendAsync(SocketClient.AuthenticationOf(customer.Key));
        SocketClient.SessionOf(await client.ReceiveAsync());
    }

    [Theory]
    [BothModes("""{"taskType":"authentication"}""")]
    [BothModes("""{"taskType":"authentication","apiKey":null}""")]
    [BothModes("""{"taskType":"authentication","apiKey":7,"taskUUID":"50836053-a0ee-4cf5-b9d6-ae7c5d140ada"}""")]
    public async Task An_authentication_without_a_key_is_refused_as_one(Mode mode, string task)
    {
        await using var client = await SocketClient.ConnectAsync((await stages.OnAsync(mode)).Address);

        await client.SendAsync(task);

        var refusal = await client.ReceiveAsync();
        Assert.Equal(("missingApiKey", "authentication", null), (refusal.Code, (string?)refusal.Error["taskType"], refusal.TaskUuid));
    }

    [Theory]
    [BothModes]
    public async Task A_suspended_account_is_an_invalid_key_here(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        await stage.ChangeAsync("update tenants set suspended_at = now() where tenant_id = $1", customer.TenantId);
        await using var client = await SocketClient.ConnectAsync(customer.Address);

        await client.SendAsync(SocketClient.AuthenticationOf(customer.Key));

        Assert.Equal("invalidApiKey", (await client.ReceiveAsync()).Code);
    }

    [Theory]
    [BothModes]
    public async Task The_fifth_refused_key_closes_the_socket(Mode mode)
    {
        await using var client = await SocketClient.ConnectAsync((await stages.OnAsync(mode)).Address);
        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync(SocketClient.AuthenticationOf("wrong"));
            Assert.Equal("invalidApiKey", (await client.ReceiveAsync()).Code);
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await client.ReceiveCloseAsync(seconds: 5));
    }

    [Theory]
    [BothModes]
    public async Task A_refused_client_that_stays_is_sent_away_after_ten_seconds(Mode mode)
    {
        await using var client = await SocketClient.ConnectAsync((await stages.OnAsync(mode)).Address);
        await client.SendAsync(SocketClient.AuthenticationOf("wrong"));
        Assert.Equal("invalidApiKey", (await client.ReceiveAsync()).Code);
        var start = TimeProvider.System.GetTimestamp();

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await client.ReceiveCloseAsync(seconds: 20));

        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 9, 14);
    }

    [Theory]
    [BothModes]
    public async Task Another_accounts_key_does_not_turn_a_socket_over(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (first, second) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var (client, session) = await SocketClient.EnterAsync(first);
        await using var owned = client;

        await client.SendAsync(SocketClient.AuthenticationOf(second.Key));
        Assert.Equal("permissionDenied", (await client.ReceiveAsync()).Code);
        await client.SendAsync(SocketClient.AuthenticationOf(first.Key));
        Assert.Equal(session, SocketClient.SessionOf(await client.ReceiveAsync()));

        var task = Ask.ForSpeech();
        await client.SendAsync(task);
        await client.ReceiveAsync();
        Assert.Equal("taskNotFound", (await second.PollAsync(Ask.UuidOf(task))).Code);
    }

    [Theory]
    [BothModes("revoked_at", "api_keys", "invalidApiKey")]
    [BothModes("suspended_at", "tenants", "accountSuspended")]
    public async Task Revocation_and_suspension_reach_an_open_socket_within_five_seconds(
        Mode mode, string column, string table, string code)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var (idle, _) = await SocketClient.EnterAsync(customer);
        var (busy, _) = await SocketClient.EnterAsync(customer);
        await using var first = idle;
        await using var second = busy;
        await stage.ChangeAsync($"update {table} set {column} = now() where tenant_id = $1", customer.TenantId);
        var start = TimeProvider.System.GetTimestamp();

        // The idle one hears of it unasked; the busy one either so, or by the error of a task.
        var told = await idle.ReceiveAsync(seconds: 8);
        Assert.Equal(("invalidApiKey", "authentication"), (told.Code, (string?)told.Error["taskType"]));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await idle.ReceiveCloseAsync(seconds: 8));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 5);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await busy.ReceiveCloseAsync(seconds: 2));
        await Until.TrueAsync(async () => (await customer.PollAsync(Ask.NewUuid())).Code == code, seconds: 5);
        await using var again = await SocketClient.ConnectAsync(customer.Address);
        await again.SendAsync(SocketClient.AuthenticationOf(customer.Key));
        Assert.Equal("invalidApiKey", (await again.ReceiveAsync()).Code);
    }
}
