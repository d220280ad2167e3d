using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Scenarios.Sockets;

/// <summary>Somebody at the other end of a WebSocket. Reading a frame checks what the contract says of every one.</summary>
internal sealed class SocketClient : IAsyncDisposable
{
    private readonly ClientWebSocket socket = new();

    private SocketClient()
    {
    }

    public ClientWebSocket Socket => socket;

    public static async Task<SocketClient> ConnectAsync(Uri address, string path = "v1", Action<ClientWebSocketOptions>? change = null)
    {
        var client = new SocketClient();
        change?.Invoke(client.socket.Options);
        var target = new UriBuilder(new Uri(address, path)) { Scheme = "ws" };
        await client.socket.ConnectAsync(target.Uri, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>A socket that has authenticated, and its session.</summary>
    public static async Task<(SocketClient Client, string Session)> EnterAsync(Customer customer, string? session = null)
    {
        var client = await ConnectAsync(customer.Address);
        await client.SendAsync(AuthenticationOf(customer.Key, session));
        return (client, SessionOf(await client.ReceiveAsync()));
    }

    public static JsonObject AuthenticationOf(string? key, string? session = null)
    {
        var task = new JsonObject { ["taskType"] = "authentication", ["apiKey"] = key };
        if (session is not null)
        {
            task["connectionSessionUUID"] = session;
        }

        return task;
    }

    /// <summary>The session that an authentication's reply names; the reply must have nothing else.</summary>
    public static string SessionOf(SocketFrame frame)
    {
        Listed.Same(["taskType", "connectionSessionUUID"], frame.Item.Select(member => member.Key));
        Assert.Equal("authentication", (string?)frame.Item["taskType"]);
        return (string)frame.Item["connectionSessionUUID"]!;
    }

    public Task SendAsync(params JsonObject[] tasks) =>
        SendAsync(new JsonArray([.. tasks.Select(static task => task.DeepClone())]).ToJsonString());

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(byte[] bytes, WebSocketMessageType type = WebSocketMessageType.Text, bool isWhole = true) =>
        socket.SendAsync(bytes, type, isWhole, TestContext.Current.CancellationToken);

    public Task PingAsync() => SendAsync("""[{"taskType":"ping","ping":true}]""");

    /// <summary>The next frame; fails when the server closes instead.</summary>
    public async Task<SocketFrame> ReceiveAsync(double seconds = 60) =>
        await TryReceiveAsync(seconds) ?? throw new InvalidOperationException($"Closed {socket.CloseStatus}: {socket.CloseStatusDescription}");

    /// <summary>The next frame, or null when the server closes instead.</summary>
    public async Task<SocketFrame?> TryReceiveAsync(double seconds = 60) =>
        await ReceiveTextAsync(seconds) is { } text ? SocketFrame.Read(text) : null;

    /// <summary>Reads a frame without looking at it, and tells its length.</summary>
    public async Task<long> SkimAsync()
    {
        var buffer = new byte[256 * 1024];
        for (var length = 0L; ;)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            length += part.Count;
            if (part.EndOfMessage)
            {
                return length;
            }
        }
    }

    public async Task<List<SocketFrame>> ReceiveAsync(int count, double seconds = 60)
    {
        var frames = new List<SocketFrame>();
        while (frames.Count < count)
        {
            frames.Add(await ReceiveAsync(seconds));
        }

        return frames;
    }

    /// <summary>Reads on to the server's close, answers it, and tells its status.</summary>
    public async Task<WebSocketCloseStatus?> ReceiveCloseAsync(double seconds = 60)
    {
        while (await ReceiveTextAsync(seconds) is not null)
        {
        }

        return socket.CloseStatus;
    }

    /// <summary>Gone as a process that is killed: no close frame.</summary>
    public void Break() => socket.Abort();

    public async Task CloseAsync() =>
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string?> ReceiveTextAsync(double seconds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(seconds));
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                if (socket.State == WebSocketState.CloseReceived)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", patience.Token);
                }

                return null;
            }

            Assert.Equal(WebSocketMessageType.Text, part.MessageType);
            whole.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return Encoding.UTF8.GetString(whole.GetBuffer(), 0, (int)whole.Length);
            }
        }
    }
}

/// <summary>One frame of the server: an envelope about one task.</summary>
internal sealed record SocketFrame(string Text, JsonObject[] Items, JsonObject[] Errors)
{
    /// <summary>The only item of a frame that has nothing else.</summary>
    public JsonObject Item => Errors.Length == 0 ? Assert.Single(Items) : throw new InvalidOperationException(Text);

    public JsonObject Error => Items.Length == 0 ? Assert.Single(Errors) : throw new InvalidOperationException(Text);

    public string Code => (string)Error["code"]!;

    public string? TaskUuid => (string?)(Items.Length > 0 ? Items[0] : Errors[0])["taskUUID"];

    public static SocketFrame Read(string text)
    {
        var envelope = JsonNode.Parse(text)!.AsObject();
        var frame = new SocketFrame(text, List(envelope, "data"), List(envelope, "errors"));
        Assert.True(frame.Items.Length > 0 != frame.Errors.Length > 0, "Data and errors in one frame, or neither: " + text);
        Assert.Single(frame.Items.Concat(frame.Errors).Select(one => (string?)one["taskUUID"]).Distinct(StringComparer.Ordinal));
        var allowed = frame.IsRefusal ? (string[])["errors", "error"] : frame.Items.Length > 0 ? ["data"] : ["errors"];
        Listed.Same(allowed, envelope.Select(static member => member.Key));
        Assert.All(frame.Errors, static error =>
        {
            Assert.NotEmpty((string)error["code"]!);
            Assert.NotEmpty((string)error["message"]!);
        });
        if (frame.IsRefusal)
        {
            Assert.Equal(frame.Error.ToJsonString(), envelope["error"]!.ToJsonString());
        }

        return frame;
    }

    /// <summary>A refused authentication says its error under two names.</summary>
    private bool IsRefusal => Errors.Length > 0 && (string?)Errors[0]["taskType"] == "authentication";

    private static JsonObject[] List(JsonObject envelope, string name)
    {
        if (!envelope.ContainsKey(name))
        {
            return [];
        }

        var list = envelope[name]!.AsArray();
        Assert.True(list.Count > 0, $"'{name}' is there and empty.");
        return [.. list.Select(static one => one!.AsObject())];
    }
}
