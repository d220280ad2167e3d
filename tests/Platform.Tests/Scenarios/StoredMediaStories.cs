using System.Text;
using System.Text.Json.Nodes;
using Platform.Tests.Media;
using Platform.Tests.Outbound;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Reference audio that a customer keeps with the platform.</summary>
[Collection(Stories.Name)]
public sealed class StoredMediaStories(Stages stages)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [BothModes]
    public async Task An_upload_is_served_under_its_link_whole_and_by_ranges(Mode mode)
    {
        var customer = await CustomerAsync(mode);
        foreach (var (extension, type) in new[] { ("mp3", "audio/mpeg"), ("wav", "audio/wav"), ("flac", "audio/flac"), ("ogg", "audio/ogg") })
        {
            var bytes = await Recordings.FiveSecondsAsync(extension);
            var item = (await customer.SendAsync(Upload(Convert.ToBase64String(bytes)))).Item;

            Assert.Equal($"{customer.Address.OriginalString}/media/audio/{item["mediaUUID"]}.{extension}", (string)item["mediaURL"]!);
            using var whole = await customer.GetAsync((string)item["mediaURL"]!);
            Assert.Equal(type, whole.Content.Headers.ContentType!.MediaType);
            Assert.Equal(bytes, await whole.Content.ReadAsByteArrayAsync(Token));
            using var part = await customer.GetAsync((string)item["mediaURL"]!, change: request => request.Headers.Range = new(10, 19));
            Assert.Equal(bytes[10..20], await part.Content.ReadAsByteArrayAsync(Token));
        }
    }

    [Theory]
    [BothModes]
    public async Task The_reply_has_what_the_sdks_read(Mode mode)
    {
        var customer = await CustomerAsync(mode);
        var task = Upload("data:audio/mpeg;base64," + await SourceAsync("mp3"));
        var item = (await customer.SendAsync(task)).Item;
        Assert.Equal("taskType, taskUUID, mediaUUID, mediaURL", string.Join(", ", item.Select(member => member.Key)));
        Assert.Equal("mediaStorage", (string)item["taskType"]!);
        Assert.Equal(Ask.UuidOf(task), (string)item["taskUUID"]!);

        var again = (await customer.SendAsync(task)).Item;
        Assert.Equal((string)item["mediaUUID"]!, (string)again["mediaUUID"]!);
    }

    [Theory]
    [BothModes]
    public async Task A_deleted_medium_is_gone_for_everybody(Mode mode)
    {
        var customer = await CustomerAsync(mode);
        var item = (await customer.SendAsync(Upload(await SourceAsync("wav")))).Item;
        var uuid = (string)item["mediaUUID"]!;

        var deleted = (await customer.SendAsync(Delete(uuid.ToUpperInvariant()))).Item;

        Assert.Equal("taskType, taskUUID, mediaUUID", string.Join(", ", deleted.Select(member => member.Key)));
        using var gone = await customer.GetAsync((string)item["mediaURL"]!);
        Assert.Equal(404, (int)gone.StatusCode);
        var again = await customer.SendAsync(Delete(uuid));
        Assert.Equal((404, "mediaNotFound"), (again.Status, again.Code));
    }

    [Theory]
    [BothModes]
    public async Task A_url_is_fetched(Mode mode)
    {
        var customer = await CustomerAsync(mode);
        var bytes = await Recordings.FiveSecondsAsync("mp3");
        await using var server = RawReceiver.Start(
            $"HTTP/1.1 200 OK\r\nContent-Length: {bytes.Length}\r\n\r\n{Encoding.Latin1.GetString(bytes)}");
        var item = (await customer.SendAsync(Upload(server.Url + "voice.mp3"))).Item;
        using var stored = await customer.GetAsync((string)item["mediaURL"]!);
        Assert.Equal(bytes, await stored.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [BothModes]
    public async Task Someone_elses_medium_is_not_there(Mode mode)
    {
        var owner = await CustomerAsync(mode);
        var other = await CustomerAsync(mode);
        var item = (await owner.SendAsync(Upload(await SourceAsync("wav")))).Item;

        Assert.Equal("mediaNotFound", (await other.SendAsync(Delete((string)item["mediaUUID"]!))).Code);

        using var still = await owner.GetAsync((string)item["mediaURL"]!);
        Assert.Equal(200, (int)still.StatusCode);
    }

    [Theory]
    [BothModes("http://169.254.169.254/latest/meta-data/", 400, "invalidMedia")]
    [BothModes("http://[::ffff:127.0.0.1]/a.wav", 400, "invalidMedia")]
    [BothModes("http://user:pw@127.0.0.1/a.wav", 400, "invalidMedia")]
    [BothModes("http://127.0.0.1:1/a.wav", 400, "downloadFailed")]
    [BothModes("file:///etc/passwd", 400, "invalidMedia")]
    [BothModes("4a9082fd-1865-4261-a0bc-c6cfe96001fc", 400, "invalidMedia")]
    [BothModes("AAAA", 400, "invalidMedia")]
    [BothModes("LARGE", 413, "payloadTooLarge")]
    public async Task An_upload_that_cannot_be_taken_says_why(Mode mode, string media, int status, string code)
    {
        var customer = await CustomerAsync(mode);
        var source = media == "LARGE" ? Convert.ToBase64String(new byte[(10 * 1024 * 1024) + 1]) : media;
        var reply = await customer.SendAsync(Upload(source));
        Assert.Equal((status, code), (reply.Status, reply.Code));
        Assert.Equal("media", (string)reply.Error["parameter"]!);
        Assert.DoesNotContain("pw", (string)reply.Error["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [BothModes]
    public async Task Everything_that_is_wrong_with_a_request_comes_at_once(Mode mode)
    {
        var customer = await CustomerAsync(mode);
        var reply = await customer.SendAsync(JsonNode.Parse(
            """{"taskType":"mediaStorage","taskUUID":"no","operation":"Upload","media":null,"ttl":60,"Media":"x"}""")!.AsObject());
        Assert.Equal("invalidTaskUUID, invalidOperation, invalidMedia, unknownParameter, unknownParameter", Codes(reply));
        Assert.Equal("""["upload","delete"]""", reply.Errors[1]["allowedValues"]!.ToJsonString());
        var empty = await customer.SendAsync(JsonNode.Parse("""{"taskType":"mediaStorage"}""")!.AsObject());
        Assert.Equal("missingTaskUUID, missingOperation, missingMedia", Codes(empty));
    }

    private static string Codes(Reply reply) => string.Join(", ", reply.Errors.Select(error => (string)error["code"]!));

    private static JsonObject Upload(string media) => Task("upload", media);

    private static JsonObject Delete(string media) => Task("delete", media);

    private static JsonObject Task(string operation, string media) => new()
    {
        ["taskType"] = "mediaStorage",
        ["taskUUID"] = Ask.NewUuid(),
        ["operation"] = operation,
        ["media"] = media,
    };

    private static async Task<string> SourceAsync(string extension) => Convert.ToBase64String(await Recordings.FiveSecondsAsync(extension));

    private async Task<Customer> CustomerAsync(Mode mode) => await (await stages.OnAsync(mode)).NewCustomerAsync(usd: 0);
}
