using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Platform.Tests.Scenarios.Sockets;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Somebody whose key is not known yet gets little room, and with a key in the body as much as with one in the header.</summary>
[Collection(Stories.Name)]
public sealed class StrangerStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task Of_a_body_without_a_key_no_more_is_read_than_could_hold_one(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, stage.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var start = $"[{{\"taskType\":\"audioInference\",\"x\":\"{new string('x', 40_000)}";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 16000000\r\n\r\n{start}"),
            TestContext.Current.CancellationToken);

        // The answer comes although the body never does.
        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal("HTTP/1.1 401", Encoding.ASCII.GetString(answer));
    }

    [Theory]
    [BothModes(true, 200)]
    [BothModes(false, 401)]
    public async Task A_key_in_the_first_task_lets_a_large_body_in(Mode mode, bool isRight, int status)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var stranger = new Customer(stage.Address, null);
        var key = isRight ? customer.Key : customer.Key![..^1] + (customer.Key[^1] == 'x' ? 'y' : 'x');
        var body = new JsonArray(
            SocketClient.AuthenticationOf(key),
            new JsonObject { ["taskType"] = "ping", ["ping"] = true },
            new JsonObject { ["taskType"] = "ping", ["more"] = new string('x', 8_000_000) });

        var reply = await stranger.SendAsync(body.ToJsonString());

        Assert.Equal(status, reply.Status);
        Assert.Equal(isRight ? 3 : 0, reply.Items.Length);
        Assert.Equal(isRight ? null : "invalidApiKey", isRight ? null : reply.Code);
    }

    [Theory]
    [BothModes]
    public async Task A_key_that_comes_late_in_a_large_body_is_no_key(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var stranger = new Customer(stage.Address, null);
        var late = SocketClient.AuthenticationOf(customer.Key);
        late.Insert(0, "more", new string('x', 20_000));

        var reply = await stranger.SendAsync(late);

        Assert.Equal((401, "missingApiKey"), (reply.Status, reply.Code));
    }

    [Theory]
    [BothModes]
    public async Task Before_the_key_a_frame_may_be_small_and_after_it_large(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        await using var client = await SocketClient.ConnectAsync(stage.Address);
        var large = new JsonObject { ["taskType"] = "ping", ["more"] = new string('x', 30_000) };

        await client.SendAsync(large);
        var refused = await client.ReceiveAsync();
        Assert.Equal("payloadTooLarge", refused.Code);
        Assert.Contains("authentication", (string?)refused.Error["message"], StringComparison.Ordinal);
        await client.SendAsync(SocketClient.AuthenticationOf(customer.Key));
        SocketClient.SessionOf(await client.ReceiveAsync());
        await client.SendAsync(large);
        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
    }

    [Fact]
    public async Task A_crowd_of_silent_sockets_does_not_keep_a_customer_out()
    {
        await using var stage = await EmbeddedStage.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PLATFORM_SOCKETS__MAXSOCKETS"] = "40",
            ["PLATFORM_SOCKETS__MAXSTRANGERS"] = "20",
        });
        var customer = await stage.NewCustomerAsync();
        var crowd = new List<SocketClient>();
        for (var i = 0; i < 100; i++)
        {
            crowd.Add(await Until.FoundAsync(() => TryConnectAsync(stage.Address)));
        }

        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;
        await client.SendAsync(Ask.ForSpeech());

        Assert.NotNull((await client.ReceiveAsync()).Item["audioURL"]);
        await Task.WhenAll(crowd.Select(one => one.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task One_tenants_large_bodies_leave_room_for_another_and_are_told_when_to_come_again()
    {
        await using var stage = await EmbeddedStage.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PLATFORM_API__INCOMINGBYTES"] = "3000000",
            ["PLATFORM_API__INCOMINGBYTESPERTENANT"] = "1500000",
        });
        var (greedy, other) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var ping = $"[{{\"taskType\":\"ping\",\"more\":\"{new string('x', 1_000_000)}\"}}]";
        var held = await HoldAsync(stage, greedy, ping);
        var refused = await Until.FoundAsync(async () =>
        {
            if (held.Available > 0)
            {
                // The held body came second and was refused itself.
                held.Dispose();
                held = await HoldAsync(stage, greedy, ping);
            }

            return await greedy.SendAsync(ping) is { Status: 429 } reply ? reply : null;
        });
        using var client = held;
        Assert.Equal("rateLimitExceeded", refused.Code);
        Assert.Equal(2, refused.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Equal(SocketTexts.Pong, (await other.SendAsync(ping)).Text);
        Assert.Equal(SocketTexts.Pong, (await greedy.SendAsync("""[{"taskType":"ping"}]""")).Text);

        await client.GetStream().WriteAsync("]"u8.ToArray(), TestContext.Current.CancellationToken);
        await Until.FoundAsync(async () => await greedy.SendAsync(ping) is { Status: 200 } reply ? reply : null);
    }

    // A body whose last byte is still to come.
    private static async Task<TcpClient> HoldAsync(Stage stage, Customer customer, string body)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, stage.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /v1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {customer.Key}\r\nContent-Length: {body.Length}\r\n\r\n{body[..^1]}"),
            TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task<SocketClient?> TryConnectAsync(Uri address)
    {
        try
        {
            return await SocketClient.ConnectAsync(address);
        }
        catch (WebSocketException)
        {
            // Full for the moment that it takes to let an older one go.
            return null;
        }
    }
}
