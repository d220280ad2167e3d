using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Platform.Tests.Crash;
using Xunit;

namespace Platform.Tests.Scenarios.Sockets;

/// <summary>
/// Random and mutated frames, binary ones, pieces, bytes that are no frames, and clients that go in the middle of one. Fifteen seconds;
/// <c>PLATFORM_FUZZ_SECONDS</c> makes it longer, <c>PLATFORM_FUZZ_SEED</c> repeats a run's random numbers.
/// </summary>
[Collection(Stories.Name)]
public sealed class FrameFuzzTests
{
    private const int Clients = 12;

    [Fact]
    public async Task No_frame_harms_the_server()
    {
        var seconds = Number("PLATFORM_FUZZ_SECONDS") ?? 15;
        var seed = Number("PLATFORM_FUZZ_SEED") ?? Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"PLATFORM_FUZZ_SEED={seed}");
        await using var stage = await EmbeddedStage.StartAsync();
        var customer = await stage.NewCustomerAsync(usd: 100);
        await customer.SpeakAsync(Ask.ForSpeech());
        var before = Memory.ResidentMegabytes(stage.Server.Id);
        var end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);

        var sent = await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => FuzzAsync(customer, new Random(seed + i), end)));

        TestContext.Current.TestOutputHelper!.WriteLine($"{sent.Sum()} attacks");
        Assert.True(sent.Sum() > 100, "Next to nothing was sent.");
        stage.FailIfAServerEnded();
        Assert.DoesNotContain("fault of ours", stage.Server.Lines.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("could not be given", stage.Server.Lines.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", stage.Server.Lines.Text, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(Memory.ResidentMegabytes(stage.Server.Id) - before, double.MinValue, 300);

        // It serves as before, somebody whose task does not wait behind the attackers' own, and whatever of theirs was a task is accounted for.
        var (client, _) = await SocketClient.EnterAsync(await stage.NewCustomerAsync());
        await using var owned = client;
        await client.SendAsync(Ask.ForSpeech());
        Assert.NotNull((await client.ReceiveAsync()).Item["audioURL"]);
        await Until.TrueAsync(
            async () => await stage.AskAsync<long>("select count(*) from tasks where tenant_id = $1 and state = 'open'", customer.TenantId) == 0,
            seconds: 60 + (2 * seconds));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
    }

    private static async Task<int> FuzzAsync(Customer customer, Random random, long end)
    {
        var attacks = 0;
        while (Stopwatch.GetTimestamp() < end)
        {
            try
            {
                attacks += random.Next(4) == 0 ? await BareAsync(customer.Address, random) : await ConverseAsync(customer, random);
            }
            catch (Exception gone) when (gone is WebSocketException or IOException or SocketException)
            {
                // Cut off by the server: what an attacker has to expect.
                attacks++;
            }
        }

        return attacks;
    }

    /// <summary>A client whose WebSocket works, and who says anything whatever.</summary>
    private static async Task<int> ConverseAsync(Customer customer, Random random)
    {
        await using var client = await SocketClient.ConnectAsync(customer.Address);
        var sent = random.Next(1, 40);
        if (random.Next(3) > 0)
        {
            await client.SendAsync(SocketClient.AuthenticationOf(random.Next(5) == 0 ? "wrong" : customer.Key, Ask.NewUuid()));
        }

        for (var i = 0; i < sent; i++)
        {
            var bytes = Mutate(random, Sample(random, customer.Key!));
            var type = random.Next(8) == 0 ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
            var cut = random.Next(bytes.Length + 1);
            await client.SendAsync(bytes[..cut], type, isWhole: false);
            if (random.Next(60) == 0)
            {
                client.Break();
                return i;
            }

            await client.SendAsync(bytes[cut..], type);
        }

        // Those frames that came through a mutation whole must be frames as all others are.
        await client.PingAsync();
        while (await client.TryReceiveAsync() is not { Text: SocketTexts.Pong })
        {
            // Ended for text that is no UTF-8, or for the fifth wrong key; nothing else ends a socket of this client.
            if (client.Socket.CloseStatus is { } status)
            {
                Assert.True(status is WebSocketCloseStatus.InvalidPayloadData or WebSocketCloseStatus.PolicyViolation, $"{status}");
                return sent;
            }
        }

        if (random.Next(2) == 0)
        {
            client.Break();
        }

        return sent;
    }

    /// <summary>A client who upgrades and then sends bytes: wrong opcodes, lengths that are not kept, no mask.</summary>
    private static async Task<int> BareAsync(Uri address, Random random)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                "GET /v1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + $"Sec-WebSocket-Key: {Convert.ToBase64String(Guid.NewGuid().ToByteArray())}\r\n\r\n"),
            TestContext.Current.CancellationToken);
        var frame = new byte[random.Next(1, 200)];
        random.NextBytes(frame);
        if (random.Next(2) == 0)
        {
            // A plausible head: text or ping, masked, with a length of up to 2^63.
            frame[0] = (byte)(random.Next(2) == 0 ? 0x81 : 0x89);
            frame[^1] = (byte)(0x80 | random.Next(128));
        }

        await stream.WriteAsync(frame, TestContext.Current.CancellationToken);
        if (random.Next(2) == 0)
        {
            client.Client.Shutdown(SocketShutdown.Send);
        }

        return 1;
    }

    private static byte[] Sample(Random random, string key) => random.Next(7) switch
    {
        0 => Encoding.UTF8.GetBytes(Ask.ForSpeech("Hi.", """{"deliveryMethod":"async"}""").ToJsonString()),
        1 => Encoding.UTF8.GetBytes(new JsonArray(Ask.About(Ask.NewUuid()), Ask.ToCancel(Ask.NewUuid())).ToJsonString()),
        2 => Encoding.UTF8.GetBytes(SocketClient.AuthenticationOf(key, Ask.NewUuid()).ToJsonString()),
        3 => """[{"taskType":"ping","ping":true}]"""u8.ToArray(),
        4 => Encoding.UTF8.GetBytes(new string('[', random.Next(1, 5000))),
        5 => Encoding.UTF8.GetBytes($$"""[{"taskType":"none","x":[{{string.Join(',', Enumerable.Repeat("1e999", random.Next(1, 3000)))}}]}]"""),
        _ => Encoding.UTF8.GetBytes(new JsonArray([.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => Ask.About(Ask.NewUuid()))]).ToJsonString()),
    };

    // Mostly inside ASCII, since a text frame that is no UTF-8 ends its socket by the protocol's own rule.
    private static byte[] Mutate(Random random, byte[] bytes)
    {
        for (var i = random.Next(4); i > 0 && bytes.Length > 0; i--)
        {
            var at = random.Next(bytes.Length);
            bytes = random.Next(4) switch
            {
                0 => [.. bytes[..at], .. bytes[random.Next(at, bytes.Length)..]],
                1 => [.. bytes[..at], .. bytes[(at / 2)..]],
                2 => [.. bytes[..at], (byte)random.Next(32, 127), .. bytes[(at + 1)..]],
                _ => [.. bytes[..at], (byte)"{}[]\",:0-.eE\\"[random.Next(13)], .. bytes[at..]],
            };
        }

        if (bytes.Length > 0 && random.Next(100) == 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(128, 256);
        }

        return bytes;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
