using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>One answer of <c>/v1</c>. Reading it checks what the contract says of every envelope, so that all stories hold it.</summary>
internal sealed record Reply(int Status, string Text, HttpResponseMessage Response)
{
    public JsonObject[] Items { get; private init; } = [];

    public JsonObject[] Errors { get; private init; } = [];

    /// <summary>The only item of an answer that succeeded as a whole.</summary>
    public JsonObject Item => Status == 200 && Errors.Length == 0 ? Assert.Single(Items) : throw new InvalidOperationException(Text);

    /// <summary>The only error of an answer that has nothing else.</summary>
    public JsonObject Error => Items.Length == 0 && Errors.Length == 1 ? Errors[0] : throw new InvalidOperationException(Text);

    public string Code => (string)Error["code"]!;

    public static async Task<Reply> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.Content.Headers.ContentType?.MediaType == "application/json", $"{(int)response.StatusCode}: {text}");
        var envelope = JsonNode.Parse(text)!.AsObject();
        var reply =
            new Reply((int)response.StatusCode, text, response) { Items = List(envelope, "data"), Errors = List(envelope, "errors") };
        Assert.True(reply.Items.Length + reply.Errors.Length > 0, "An envelope without anything in it.");
        Assert.True(reply.Status == 200 == reply.Items.Length > 0, $"Status {reply.Status} does not go with {text}");
        Assert.Equal(reply.Status is 429 or 503, response.Headers.RetryAfter is not null);
        Assert.All(reply.Errors, static error =>
        {
            Assert.NotEmpty((string)error["code"]!);
            Assert.NotEmpty((string)error["message"]!);
            Assert.Contains("#", (string)error["documentation"]!, StringComparison.Ordinal);
        });
        return reply;
    }

    public IEnumerable<JsonObject> ItemsOf(string taskUuid) => Items.Where(item => (string?)item["taskUUID"] == taskUuid);

    private static JsonObject[] List(JsonObject envelope, string name)
    {
        Assert.All(envelope, static member => Assert.True(member.Key is "data" or "errors", member.Key));
        if (!envelope.ContainsKey(name))
        {
            return [];
        }

        var list = envelope[name]!.AsArray();
        Assert.True(list.Count > 0, $"'{name}' is there and empty.");
        return [.. list.Select(static one => one!.AsObject())];
    }
}
