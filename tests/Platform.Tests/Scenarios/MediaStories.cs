using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The links to finished files.</summary>
[Collection(Stories.Name)]
public sealed class MediaStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task A_link_serves_the_whole_file_with_its_facts(Mode mode)
    {
        var (customer, item) = await SpeakAsync(mode, """{"ttl":3600}""");

        using var whole = await customer.GetAsync(LinkOf(item));
        using var head = await customer.GetAsync(LinkOf(item), HttpMethod.Head);

        var bytes = await whole.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        foreach (var response in (HttpResponseMessage[])[whole, head])
        {
            Assert.Equal(200, (int)response.StatusCode);
            Assert.Equal("audio/mpeg", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal(bytes.Length, response.Content.Headers.ContentLength);
            Assert.Equal("bytes", Assert.Single(response.Headers.AcceptRanges));
            Assert.NotNull(response.Headers.ETag);
            Assert.InRange(response.Headers.CacheControl!.MaxAge!.Value.TotalSeconds, 3500, 3600);
        }

        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal($"{customer.Address.OriginalString}/media/audio/{item["audioUUID"]}.mp3", LinkOf(item));
    }

    [Theory]
    [BothModes]
    public async Task Ranges_give_exactly_the_bytes_asked_for(Mode mode)
    {
        var (customer, item) = await SpeakAsync(mode);
        var bytes = await customer.DownloadAsync(item);

        foreach (var (range, expected) in ((string, byte[])[])
            [("100-199", bytes[100..200]), ("-50", bytes[^50..]), ($"{bytes.Length - 1}-", bytes[^1..])])
        {
            var (status, part) = await RangeAsync(customer, item, "bytes=" + range);
            Assert.Equal(206, status);
            Assert.Equal(expected, part);
        }

        Assert.Equal(416, (await RangeAsync(customer, item, $"bytes={bytes.Length}-")).Status);
    }

    [Theory]
    [BothModes]
    public async Task A_range_of_another_version_gives_the_whole_file(Mode mode)
    {
        var (customer, item) = await SpeakAsync(mode);
        using var first = await customer.GetAsync(LinkOf(item));
        var (etag, length) = (first.Headers.ETag!, first.Content.Headers.ContentLength);

        Assert.Equal(206, (await RangeAsync(customer, item, "bytes=0-9", etag)).Status);
        var (status, whole) = await RangeAsync(customer, item, "bytes=0-9", new EntityTagHeaderValue("\"another\""));
        Assert.Equal((200, length), (status, whole.Length));
        using var unchanged = await customer.GetAsync(LinkOf(item), change: request => request.Headers.IfNoneMatch.Add(etag));
        Assert.Equal(304, (int)unchanged.StatusCode);
    }

    [Theory]
    [BothModes]
    public async Task A_link_ends_with_its_time_and_the_file_goes_too(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (customer, item) = await SpeakAsync(mode, """{"ttl":60}""");
        var audio = Guid.Parse((string)item["audioUUID"]!);
        using (var young = await customer.GetAsync(LinkOf(item)))
        {
            Assert.InRange(young.Headers.CacheControl!.MaxAge!.Value.TotalSeconds, 30, 60);
        }

        var key = await stage.AskAsync<string>("select blob_key from task_results where audio_uuid = $1", audio);
        Assert.NotNull(await StoredFile.ReadAsync(stage.MediaFolder, key));
        await stage.ChangeAsync("update task_results set expires_at = now() - interval '1 second' where audio_uuid = $1", audio);

        // What lies behind a link is believed for a second; a link's own time ends in that belief too, but not one that was changed behind it.
        await Until.TrueAsync(
            async () =>
            {
                using var expired = await customer.GetAsync(LinkOf(item));
                return (int)expired.StatusCode == 404;
            },
            seconds: 5);
        await Until.TrueAsync(async () => await StoredFile.ReadAsync(stage.MediaFolder, key) is null, seconds: 20);
    }

    [Theory]
    [BothModes]
    public async Task A_damaged_file_is_a_clear_error_and_never_served(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (customer, item) = await SpeakAsync(mode);
        var audio = Guid.Parse((string)item["audioUUID"]!);
        var key = await stage.AskAsync<string>("select blob_key from task_results where audio_uuid = $1", audio);
        await StoredFile.DamageAsync(stage.MediaFolder, key);

        using var whole = await customer.GetAsync(LinkOf(item));
        var (status, part) = await RangeAsync(customer, item, "bytes=0-9");

        Assert.Equal((500, 500), ((int)whole.StatusCode, status));
        Assert.Equal(
            "The stored file is damaged and is not handed out.", await whole.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.NotEqual(10, part.Length);
        Assert.Equal("no-store", whole.Headers.CacheControl!.ToString());
    }

    [Theory]
    [BothModes("media/audio/5f0c8a3e-52f5-4f9c-8a55-0d1f7c2b9e10.mp3")]
    [BothModes("media/audio/no-uuid.mp3")]
    [BothModes("media/audio/..%2f..%2fdemo.key")]
    [BothModes("media/audio/")]
    public async Task What_is_no_link_is_not_found(Mode mode, string path)
    {
        using var response = await new Customer((await stages.OnAsync(mode)).Address, null).GetAsync(path);

        Assert.Equal(404, (int)response.StatusCode);
        Assert.NotEmpty(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [BothModes]
    public async Task A_link_with_another_extension_is_not_found(Mode mode)
    {
        var (customer, item) = await SpeakAsync(mode);

        using var response = await customer.GetAsync(Path.ChangeExtension(LinkOf(item), "wav"));

        Assert.Equal(404, (int)response.StatusCode);
    }

    [Theory]
    [BothModes]
    public async Task The_host_that_a_request_names_never_shows(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        using var body = new StringContent(new JsonArray(Ask.ForSpeech(), Ask.ForSpeech(speech: """{"voice":"nobody"}""")).ToJsonString());

        var reply = await customer.SendAsync(body, request =>
        {
            request.Headers.Host = "evil.example";
            request.Headers.Add("X-Forwarded-Host", "evil.example");
            request.Headers.Add("X-Forwarded-Proto", "https");
        });

        Assert.Equal((1, 1), (reply.Items.Length, reply.Errors.Length));
        Assert.DoesNotContain("evil", reply.Text, StringComparison.Ordinal);
        Assert.StartsWith(customer.Address.OriginalString, LinkOf(reply.Items[0]), StringComparison.Ordinal);
        Assert.StartsWith(customer.Address.OriginalString, (string)reply.Errors[0]["documentation"]!, StringComparison.Ordinal);
    }

    private static string LinkOf(JsonObject item) => (string)item["audioURL"]!;

    private async Task<(Customer Customer, JsonObject Item)> SpeakAsync(Mode mode, string more = "{}")
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        return (customer, Assert.Single(await customer.SpeakAsync(Ask.ForSpeech(more: more))));
    }

    private static async Task<(int Status, byte[] Bytes)> RangeAsync(
        Customer customer, JsonObject item, string range, EntityTagHeaderValue? ifRange = null)
    {
        using var response = await customer.GetAsync(LinkOf(item), change: request =>
        {
            request.Headers.Range = RangeHeaderValue.Parse(range);
            request.Headers.IfRange = ifRange is null ? null : new RangeConditionHeaderValue(ifRange);
        });
        return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
