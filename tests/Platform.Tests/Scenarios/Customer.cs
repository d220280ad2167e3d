using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Somebody with a key, who speaks HTTP and nothing else.</summary>
internal sealed class Customer(Uri address, string? key)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(90) };

    /// <summary>Never sent; for a look into the books.</summary>
    public Guid TenantId { get; init; }

    public string? Key => key;

    public Uri Address => address;

    /// <summary>The same customer at another api node.</summary>
    public Customer At(Uri other) => new(other, key) { TenantId = TenantId };

    public Task<Reply> SendAsync(params JsonObject[] tasks) =>
        SendAsync(new JsonArray([.. tasks.Select(static task => task.DeepClone())]).ToJsonString());

    public Task<Reply> SendAsync(string body) => SendAsync(new StringContent(body, Encoding.UTF8, "application/json"));

    public async Task<Reply> SendAsync(HttpContent body, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "v1")) { Content = body };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        change?.Invoke(request);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Reply.ReadAsync(response);
    }

    /// <summary>Sends one task that must succeed, and answers its items.</summary>
    public async Task<JsonObject[]> SpeakAsync(JsonObject task)
    {
        var reply = await SendAsync(task);
        Assert.True(reply.Status == 200 && reply.Errors.Length == 0, reply.Text);
        return reply.Items;
    }

    public Task<Reply> PollAsync(string taskUuid) => SendAsync(Ask.About(taskUuid));

    /// <summary>Polls until nothing is processing any more.</summary>
    public Task<Reply> PollToEndAsync(string taskUuid, double seconds = 60) => Until.FoundAsync(
        async () =>
        {
            var reply = await PollAsync(taskUuid);
            return reply.Items.Any(static item => (string?)item["status"] == "processing") ? null : reply;
        },
        seconds);

    /// <summary>Any other address of the platform; no key is sent.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path, HttpMethod? method = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(address, path));
        change?.Invoke(request);
        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<byte[]> DownloadAsync(JsonObject item)
    {
        using var response = await GetAsync((string)item["audioURL"]!);
        Assert.Equal(200, (int)response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }
}

/// <summary>The tasks that customers send.</summary>
internal static class Ask
{
    public const string Air = "alibaba:qwen@3-tts-1.7b-customvoice";

    public static string NewUuid() => Guid.NewGuid().ToString();

    /// <summary>A speech task with a fresh UUID; the JSON objects <paramref name="more"/> and <paramref name="speech"/> lie over it.</summary>
    public static JsonObject ForSpeech(string text = "Hello there.", string more = "{}", string speech = "{}")
    {
        var spoken = new JsonObject { ["text"] = text };
        var task = new JsonObject
        {
            ["taskType"] = "audioInference",
            ["taskUUID"] = NewUuid(),
            ["model"] = Air,
            ["speech"] = spoken,
        };
        Lay(speech, spoken);
        Lay(more, task);
        return task;
    }

    public static JsonObject About(string taskUuid) => Of("getResponse", taskUuid);

    public static JsonObject ToCancel(string taskUuid) => Of("cancelTask", taskUuid);

    public static string UuidOf(JsonObject task) => (string)task["taskUUID"]!;

    private static JsonObject Of(string taskType, string taskUuid) => new() { ["taskType"] = taskType, ["taskUUID"] = taskUuid };

    private static void Lay(string json, JsonObject over)
    {
        foreach (var (name, value) in JsonNode.Parse(json)!.AsObject())
        {
            over[name] = value?.DeepClone();
        }
    }
}
