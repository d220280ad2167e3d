using System.Net;
using Npgsql;
using Platform.Tests.Crash;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The platform over a bucket in place of its folder.</summary>
[Collection(Alone.Name)]
public sealed class BucketTests(S3Server s3) : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Uri address = new($"http://127.0.0.1:{FreePort.One()}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_result_is_spoken_into_the_bucket_and_given_out_by_ranges()
    {
        await using var gate = await s3.GateAsync();
        await using var server = await StartAsync(gate);
        var customer = await CustomerAsync();

        var item = Assert.Single(await customer.SpeakAsync(Ask.ForSpeech()));
        var carried = Assert.Single(await customer.SpeakAsync(Ask.ForSpeech(more: """{"outputType":"base64Data"}""")));

        var whole = await customer.DownloadAsync(item);
        // Another task with a seed of its own, so that its audio is alike and not the same.
        var inside = Convert.FromBase64String((string)carried["audioBase64Data"]!);
        Assert.Equal(whole[..2], inside[..2]);
        Assert.InRange(inside.Length, whole.Length / 2, whole.Length * 2);
        using var part = await customer.GetAsync((string)item["audioURL"]!, change: static request => request.Headers.Range = new(10, 19));
        Assert.Equal((HttpStatusCode.PartialContent, Convert.ToHexString(whole[10..20])),
            (part.StatusCode, Convert.ToHexString(await part.Content.ReadAsByteArrayAsync(Token))));
        using var head = await customer.GetAsync((string)item["audioURL"]!, HttpMethod.Head);
        Assert.Equal(whole.Length, head.Content.Headers.ContentLength);
        Assert.False(Directory.Exists(folder["media/audio"]));
    }

    [Fact]
    public async Task By_a_setting_a_link_leads_to_the_store_itself()
    {
        await using var gate = await s3.GateAsync();
        await using var server = await StartAsync(gate, ("PLATFORM_S3__REDIRECT", "true"));
        var customer = await CustomerAsync();
        var item = Assert.Single(await customer.SpeakAsync(Ask.ForSpeech()));
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });

        using var sent = await http.GetAsync((string)item["audioURL"]!, Token);
        using var head = await customer.GetAsync((string)item["audioURL"]!, HttpMethod.Head);

        Assert.Equal((HttpStatusCode.TemporaryRedirect, "no-store"), (sent.StatusCode, sent.Headers.CacheControl!.ToString()));
        Assert.StartsWith(gate.Endpoint, sent.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var file = await http.GetAsync(sent.Headers.Location, Token);
        Assert.Equal((HttpStatusCode.OK, "audio/mpeg"), (file.StatusCode, file.Content.Headers.ContentType!.MediaType));
        Assert.Equal(head.Content.Headers.ContentLength, (await file.Content.ReadAsByteArrayAsync(Token)).Length);
    }

    [Fact]
    public async Task A_store_that_is_down_for_a_while_under_load_loses_nothing_and_charges_nothing_twice()
    {
        await using var gate = await s3.GateAsync();
        await using var server = await StartAsync(gate, ("PLATFORM_STORAGE__RETRYSECONDS", "2"), ("PLATFORM_S3__MAXRETRIES", "0"));
        var customer = await CustomerAsync();
        var early = Ask.ForSpeech(more: """{"deliveryMethod":"async"}""");
        await customer.SendAsync(early);
        var there = (await customer.PollToEndAsync(Ask.UuidOf(early))).Item;
        var refused = 0;
        gate.Refuse = _ =>
        {
            Interlocked.Increment(ref refused);
            return 503;
        };
        var tasks = Enumerable.Range(0, 20).Select(static _ => Ask.ForSpeech(more: """{"deliveryMethod":"async","numberResults":2}""")).ToArray();
        await customer.SendAsync(tasks);

        // Long enough for tasks to be handed back and taken up again.
        await Until.TrueAsync(() => Task.FromResult(Volatile.Read(ref refused) > 20));
        using (var away = await customer.GetAsync((string)there["audioURL"]!))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
            Assert.NotNull(away.Headers.RetryAfter);
        }

        gate.Refuse = static _ => null;
        foreach (var task in tasks)
        {
            Assert.Equal(2, (await customer.PollToEndAsync(Ask.UuidOf(task))).Items.Count(static item => (string?)item["status"] == "success"));
        }

        await using var source = NpgsqlDataSource.Create(EmbeddedStage.ConnectionOf(folder.Path));
        var books = new Books(source);
        await books.AllSucceededAsync(customer.TenantId, [.. tasks.Append(early).Select(Ask.UuidOf)]);
        await books.CheckAsync(customer.TenantId);
        Assert.NotEmpty(await customer.DownloadAsync(there));
    }

    [Fact]
    public async Task A_bucket_that_cannot_be_used_ends_the_start_with_a_sentence()
    {
        await Needed.PostgresAsync();
        var settings = Settings("http://127.0.0.1:9", ("PLATFORM_S3__SECRETKEY", ""));
        await using var server = await ServerProcess.StartAsync(["serve", "--data", folder.Path, "--urls", address.OriginalString], settings);

        Assert.Equal(1, await server.Exit.WaitAsync(TimeSpan.FromSeconds(60), Token));
        Assert.Contains("S3:AccessKey and S3:SecretKey go together", server.Lines.Text, StringComparison.Ordinal);
    }

    private async Task<ChildProcess> StartAsync(S3Gate gate, params (string Name, string Value)[] more)
    {
        await Needed.PostgresAsync();
        return await Running.StartAsync(["--data", folder.Path, "--urls", address.OriginalString], Settings(gate.Endpoint, more));
    }

    private Task<Customer> CustomerAsync() => NewTenant.RegisterAsync(EmbeddedStage.ConnectionOf(folder.Path), address, usd: 5);

    private static Dictionary<string, string?> Settings(string endpoint, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>(Running.FastSweeps, StringComparer.Ordinal)
        {
            ["PLATFORM_S3__BUCKET"] = S3Server.Bucket,
            ["PLATFORM_S3__ENDPOINT"] = endpoint,
            ["PLATFORM_S3__ACCESSKEY"] = S3Server.AccessKey,
            ["PLATFORM_S3__SECRETKEY"] = S3Server.SecretKey,
            ["PLATFORM_S3__PREFIX"] = $"t{Guid.NewGuid():N}/",
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }
}
