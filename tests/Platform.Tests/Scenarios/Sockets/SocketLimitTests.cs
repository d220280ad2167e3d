using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using Xunit;

namespace Platform.Tests.Scenarios.Sockets;

/// <summary>Limits of time and room, on servers of their own: some with short times, and one that is measured.</summary>
[Collection(Stories.Name)]
public sealed class SocketLimitTests
{
    private static readonly Dictionary<string, string?> Hasty = new(StringComparer.Ordinal)
    {
        ["PLATFORM_SOCKETS__IDLESECONDS"] = "3",
        ["PLATFORM_SOCKETS__REPLAYSECONDS"] = "3",
        ["PLATFORM_SOCKETS__MAXTASKSINFLIGHT"] = "5",
    };

    [Fact]
    public async Task A_silent_socket_is_closed_one_that_pings_is_not_and_a_stranger_is_in_spite_of_it()
    {
        await using var stage = await EmbeddedStage.StartAsync(Hasty);
        var customer = await stage.NewCustomerAsync();
        var (silent, _) = await SocketClient.EnterAsync(customer);
        var (lively, _) = await SocketClient.EnterAsync(customer);
        await using var one = silent;
        await using var two = lively;
        await using var stranger = await SocketClient.ConnectAsync(stage.Address);
        await using var half = await SocketClient.ConnectAsync(stage.Address);
        await half.SendAsync(SocketClient.AuthenticationOf(customer.Key));
        await half.ReceiveAsync();
        await half.SendAsync("[{\"taskType\":"u8.ToArray(), isWhole: false);

        var closes = Task.WhenAll(silent.ReceiveCloseAsync(20), half.ReceiveCloseAsync(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        var start = Stopwatch.GetTimestamp();
        var strangersPings = 0;
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < 7)
        {
            await lively.PingAsync();
            Assert.Equal(SocketTexts.Pong, (await lively.ReceiveAsync()).Text);
            if (Stopwatch.GetElapsedTime(start).TotalSeconds < 2)
            {
                await stranger.PingAsync();
                Assert.Equal(SocketTexts.Pong, (await stranger.ReceiveAsync()).Text);
                strangersPings++;
            }

            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal([WebSocketCloseStatus.NormalClosure, WebSocketCloseStatus.NormalClosure], await closes);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await stranger.ReceiveCloseAsync(1));
        Assert.True(strangersPings > 0);
    }

    [Fact]
    public async Task Kept_results_are_forgotten_in_time_and_the_session_with_them()
    {
        await using var stage = await EmbeddedStage.StartAsync(Hasty);
        var customer = await stage.NewCustomerAsync();
        var (broken, session) = await SocketClient.EnterAsync(customer);
        var task = Ask.ForSpeech();
        await broken.SendAsync(task);
        await Until.TrueAsync(async () => (await customer.PollAsync(Ask.UuidOf(task))).Status == 200);
        broken.Break();
        await customer.PollToEndAsync(Ask.UuidOf(task));

        // Sampled by sessions that are asked for too early never: each look would renew it.
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        var (client, fresh) = await SocketClient.EnterAsync(customer, session);
        await using var owned = client;

        Assert.False(session == fresh, "The forgotten session came back.");
        await client.PingAsync();
        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
        Assert.Single((await customer.PollAsync(Ask.UuidOf(task))).Items);
    }

    [Fact]
    public async Task More_tasks_than_a_socket_may_have_under_way_are_refused_with_their_uuid()
    {
        await using var stage = await EmbeddedStage.StartAsync(Hasty);
        var customer = await stage.NewCustomerAsync(usd: 50);
        var (client, _) = await SocketClient.EnterAsync(customer);
        await using var owned = client;
        var tasks = Enumerable.Range(0, 12).Select(_ => Ask.ForSpeech(SocketTexts.Long, """{"outputFormat":"FLAC"}""")).ToArray();

        await client.SendAsync(tasks);
        var frames = await client.ReceiveAsync(12);

        Listed.Same(
            tasks.Select(Ask.UuidOf).Order(StringComparer.Ordinal), frames.Select(frame => frame.TaskUuid).Order(StringComparer.Ordinal));
        var refused = frames.FindAll(frame => frame.Errors.Length > 0);
        Assert.InRange(refused.Count, 1, 7);
        Assert.All(refused, frame => Assert.Equal("maxConcurrentTasksReached", frame.Code));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off_and_memory_stays_bounded_and_nothing_is_lost()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PLATFORM_SOCKETS__SENDSECONDS"] = "5" };
        await using var stage = await EmbeddedStage.StartAsync(settings);
        var customer = await stage.NewCustomerAsync();
        var large = Ask.ForSpeech(SocketTexts.Long, """{"outputFormat":"WAV","outputType":"base64Data","numberResults":4}""");
        var reply = await customer.SendAsync(large);
        Assert.Equal(4, reply.Items.Length);
        var before = Memory.ResidentMegabytes(stage.Server.Id);
        var (deaf, session) = await SocketClient.EnterAsync(customer);

        // Each answer is some twenty megabytes; together they would be more than a gigabyte.
        Assert.True(reply.Text.Length > 10_000_000, $"{reply.Text.Length}");
        var polls = Enumerable.Range(0, 50).Select(_ => Ask.About(Ask.UuidOf(large))).ToArray();
        await deaf.SendAsync(polls);
        var highest = 0.0;
        await Until.TrueAsync(async () =>
        {
            highest = Math.Max(highest, Memory.ResidentMegabytes(stage.Server.Id));
            // The server lets go of the session when its patience is over; until then another socket's pings go unharmed.
            await customer.SendAsync("""[{"taskType":"ping"}]""");
            return deaf.Socket.State != WebSocketState.Open || await IsCutAsync(deaf);
        }, seconds: 30);
        TestContext.Current.TestOutputHelper!.WriteLine($"{before:F0} MB grew to {highest:F0} MB");
        Assert.True(highest - before < 100, $"{before:F0} MB grew to {highest:F0} MB");
        await deaf.DisposeAsync();

        // Whoever comes back and reads gets every answer.
        var (client, same) = await SocketClient.EnterAsync(customer, session);
        await using var owned = client;
        Assert.Equal(session, same);
        for (var i = 0; i < 50; i++)
        {
            // Counted and not parsed: this client has to read faster than the server's patience.
            Assert.InRange(await client.SkimAsync(), reply.Text.Length, reply.Text.Length + 500);
        }
    }

    [Fact]
    public async Task A_thousand_idle_sockets_take_less_than_100_megabytes_and_the_65th_of_a_tenant_is_refused()
    {
        await using var stage = await EmbeddedStage.StartAsync(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["PLATFORM_SOCKETS__MAXSOCKETS"] = "1100" });
        var tenants = new List<Customer>();
        for (var i = 0; i < 17; i++)
        {
            tenants.Add(await stage.NewCustomerAsync());
        }

        var open = new List<SocketClient>();
        await OpenAsync(tenants[16], 20, open);
        var before = Memory.ResidentMegabytes(stage.Server.Id);
        for (var i = 0; i < 16; i++)
        {
            await OpenAsync(tenants[i], i == 15 ? 40 : 64, open);
        }

        var grown = Memory.ResidentMegabytes(stage.Server.Id) - before;
        TestContext.Current.TestOutputHelper!.WriteLine($"1,000 idle sockets: {grown:F1} MB");
        Assert.InRange(grown, -50, 100);
        Assert.All(open, client => Assert.Equal(WebSocketState.Open, client.Socket.State));

        await using (var surplus = await SocketClient.ConnectAsync(stage.Address))
        {
            await surplus.SendAsync(SocketClient.AuthenticationOf(tenants[0].Key));
            var refused = await surplus.ReceiveAsync();
            Assert.Equal(("rateLimitExceeded", "authentication"), (refused.Code, (string?)refused.Error["taskType"]));
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, await surplus.ReceiveCloseAsync());
        }

        // One that leaves makes room for one.
        await open[20].CloseAsync();
        await using var next = (await SocketClient.EnterAsync(tenants[0])).Client;
        await FullAsync(stage.Address, open);
        await Task.WhenAll(open.Select(client => client.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_server_that_stops_finishes_what_it_can_and_says_1001()
    {
        await using var stage = await EmbeddedStage.StartAsync();
        var customer = await stage.NewCustomerAsync();
        var (busy, _) = await SocketClient.EnterAsync(customer);
        var (idle, _) = await SocketClient.EnterAsync(customer);
        await using var one = busy;
        await using var two = idle;
        var task = Ask.ForSpeech(SocketTexts.Long, """{"outputFormat":"FLAC"}""");
        await busy.SendAsync(task);
        await Until.TrueAsync(async () => (await customer.PollAsync(Ask.UuidOf(task))).Status == 200);

        var stopping = stage.Server.StopAsync();

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await idle.ReceiveCloseAsync(seconds: 15));
        Assert.Equal(Ask.UuidOf(task), (string?)(await busy.ReceiveAsync(seconds: 15)).Item["taskUUID"]);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await busy.ReceiveCloseAsync(seconds: 15));
        Assert.Equal(0, await stopping);
    }

    private static async Task OpenAsync(Customer customer, int count, List<SocketClient> open)
    {
        foreach (var group in Enumerable.Range(0, count).Chunk(16))
        {
            open.AddRange(await Task.WhenAll(group.Select(async _ => (await SocketClient.EnterAsync(customer)).Client)));
        }
    }

    private static async Task FullAsync(Uri address, List<SocketClient> open)
    {
        while (open.Count < 1099)
        {
            open.Add(await SocketClient.ConnectAsync(address));
        }

        await Until.TrueAsync(async () =>
        {
            try
            {
                open.Add(await SocketClient.ConnectAsync(address));
                return false;
            }
            catch (WebSocketException fault)
            {
                Assert.Contains("503", fault.Message, StringComparison.Ordinal);
                return true;
            }
        }, seconds: 10);
    }

    // A socket that was cut gives what the network still held and then an error, and never a close frame.
    private static async Task<bool> IsCutAsync(SocketClient deaf)
    {
        try
        {
            await deaf.PingAsync();
            return false;
        }
        catch (WebSocketException)
        {
            return true;
        }
    }
}

/// <summary>What a process holds.</summary>
internal static class Memory
{
    public static double ResidentMegabytes(int process)
    {
        const string label = "VmRSS:";
        var line = File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith(label, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(label.Length, line.Length - label.Length - 2).Trim(), CultureInfo.InvariantCulture) / 1024.0;
    }
}
