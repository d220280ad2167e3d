using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Platform.Tests.Scenarios.Sockets;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Replies that hold more audio than a server should ever have in memory, on a server of their own that is measured.</summary>
[Collection(Stories.Name)]
public sealed class LargeReplyTests
{
    [Fact]
    public async Task Fifty_polls_of_large_results_in_one_body_take_hardly_more_memory_than_one()
    {
        await using var stage = await EmbeddedStage.StartAsync();
        var customer = await stage.NewCustomerAsync();
        var large = Ask.ForSpeech(SocketTexts.Long, """{"outputFormat":"WAV","outputType":"base64Data","numberResults":4}""");
        var sync = await customer.SendAsync(large);
        Assert.Equal(4, sync.Items.Length);
        var poll = await customer.PollAsync(Ask.UuidOf(large));
        Listed.Same(sync.Items.Select(AudioOf), poll.Items.Select(AudioOf));
        Assert.True(poll.Text.Length > 10_000_000, $"{poll.Text.Length}");
        var before = Memory.ResidentMegabytes(stage.Server.Id);

        // Three such requests at once would be some three gigabytes.
        var lengths = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ReadAsync(stage, customer, Ask.UuidOf(large))));

        var each = poll.Text.Length - """{"data":[]}""".Length + 1;
        Assert.All(lengths, length => Assert.Equal((50L * each) + """{"data":[]}""".Length - 1, length));
        var grown = Memory.ResidentMegabytes(stage.Server.Id) - before;
        TestContext.Current.TestOutputHelper!.WriteLine($"grown by {grown:F1} MB");
        Assert.InRange(grown, double.MinValue, 100);
    }

    [Fact]
    public async Task A_file_that_goes_while_its_reply_is_sent_cuts_the_reply_off()
    {
        await using var stage = await EmbeddedStage.StartAsync();
        var customer = await stage.NewCustomerAsync();
        var large = Ask.ForSpeech(SocketTexts.Long, """{"outputFormat":"WAV","outputType":"dataURI","numberResults":4}""");
        Assert.Equal(4, (await customer.SendAsync(large)).Items.Length);
        using var http = new HttpClient();
        using var response = await http.SendAsync(PollsOf(stage, customer, Ask.UuidOf(large)), HttpCompletionOption.ResponseHeadersRead, Token);

        // The reply has begun, its reader reads nothing yet, and what it is still to hold is taken away.
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        foreach (var file in Directory.EnumerateFiles(stage.MediaFolder, "*.wav", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        await Assert.ThrowsAnyAsync<Exception>(async () => await body.CopyToAsync(Stream.Null, Token));

        var gone = await customer.PollAsync(Ask.UuidOf(large));
        Assert.Equal((404, 4), (gone.Status, gone.Errors.Length));
        Assert.All(gone.Errors, error => Assert.Equal("mediaExpired", (string?)error["code"]));
        stage.FailIfAServerEnded();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string? AudioOf(JsonObject item) => (string?)item["audioBase64Data"];

    private static async Task<long> ReadAsync(Stage stage, Customer customer, string taskUuid)
    {
        using var http = new HttpClient();
        using var response = await http.SendAsync(PollsOf(stage, customer, taskUuid), HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(200, (int)response.StatusCode);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        var buffer = new byte[64 * 1024];
        var length = 0L;
        while (await body.ReadAsync(buffer, Token) is > 0 and var count)
        {
            length += count;
        }

        Assert.Equal(response.Content.Headers.ContentLength, length);
        return length;
    }

    private static HttpRequestMessage PollsOf(Stage stage, Customer customer, string taskUuid)
    {
        var polls = new JsonArray([.. Enumerable.Range(0, 50).Select(_ => Ask.About(taskUuid))]);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(stage.Address, "v1"))
        {
            Content = new StringContent(polls.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Key);
        return request;
    }
}
