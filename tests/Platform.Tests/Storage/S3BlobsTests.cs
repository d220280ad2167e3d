using System.Net;
using Microsoft.Extensions.Options;
using Platform.Storage;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Storage;

/// <summary>The bucket against a real S3-speaking server, addressed in the path.</summary>
public sealed class S3BlobsTests(S3Server server) : BlobStoreTests, IDisposable
{
    private readonly List<S3Blobs> opened = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => opened.ForEach(static store => store.Dispose());

    [Fact]
    public void A_bucket_in_the_host_name_or_in_the_path_as_the_setting_says()
    {
        var options = new S3Options
        {
            Bucket = S3Server.Bucket, Endpoint = "http://inside.example.com:9000", PublicEndpoint = "https://s3.example.com", AccessKey = "a",
            SecretKey = "b", Redirect = true, PathStyle = false,
        };
        var terms = new LinkTerms(TimeSpan.FromMinutes(1), "audio/mpeg");

        var link = Over(options).SignLink("audio/x.mp3", terms)!.AbsoluteUri;
        Assert.StartsWith("https://speech-results.s3.example.com/audio/x.mp3?", link, StringComparison.Ordinal);
        options.PathStyle = true;
        link = Over(options).SignLink("audio/x.mp3", terms)!.AbsoluteUri;
        Assert.StartsWith("https://s3.example.com/speech-results/audio/x.mp3?", link, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_link_gives_the_file_with_its_type_to_anybody_and_a_changed_one_to_nobody()
    {
        var options = await OptionsAsync();
        options.Redirect = true;
        var store = Over(options);
        await store.WriteAsync("audio/ab/link.mp3", Noise(1000), Token);

        var link = store.SignLink("audio/ab/link.mp3", new LinkTerms(TimeSpan.FromHours(1), "audio/mpeg"))!;

        Assert.Matches("X-Amz-Expires=30[01]&", link.Query);
        using var http = new HttpClient();
        using var answer = await http.GetAsync(link, Token);
        Assert.Equal("audio/mpeg", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Noise(1000), await answer.Content.ReadAsByteArrayAsync(Token));
        using var forged = await http.GetAsync(link.AbsoluteUri.Replace("link.mp3", "one.mp3", StringComparison.Ordinal), Token);
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
    }

    [Fact]
    public async Task Without_the_setting_no_link_is_signed() =>
        Assert.Null((await StoreAsync()).SignLink("audio/ab/one.mp3", new LinkTerms(TimeSpan.FromHours(1), "audio/mpeg")));

    [Fact]
    public async Task A_wrong_secret_is_a_clear_fault_and_never_a_missing_file()
    {
        var options = await OptionsAsync();
        options.SecretKey = "wrong";
        var store = Over(options);

        var fault = await store.FindFaultAsync(Token);

        Assert.StartsWith("Files cannot be stored in the bucket speech-results (The store answered 403 ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", fault, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => store.OpenAsync("audio/ab/one.mp3", Token));
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_said_at_the_start()
    {
        var options = await OptionsAsync();
        options.Bucket = "another-bucket";

        Assert.Contains("NoSuchBucket", await Over(options).FindFaultAsync(Token), StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => Over(options).OpenAsync("audio/ab/one.mp3", Token));
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_an_io_fault_within_its_time()
    {
        var options = await OptionsAsync();
        (options.Endpoint, options.TimeoutSeconds, options.MaxRetries) = ($"http://127.0.0.1:{FreePort.One()}", 1, 1);
        var store = Over(options);

        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync("audio/ab/one.mp3", Noise(10), Token));
        await Assert.ThrowsAsync<IOException>(() => store.OpenAsync("audio/ab/one.mp3", Token));
        await Assert.ThrowsAsync<IOException>(() => store.DeleteAsync(["audio/ab/one.mp3"], Token));
        Assert.Contains("cannot be reached", await store.FindFaultAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_that_refuses_multipart_gets_large_files_whole()
    {
        await using var gate = await server.GateAsync();
        gate.Refuse = static request => request.QueryString.Value!.Contains("uploads", StringComparison.Ordinal) ? 403 : null;
        var options = await OptionsAsync();
        options.Endpoint = gate.Endpoint;
        var store = Over(options);

        await store.WriteAsync("audio/ab/large.wav", Noise(6 * 1024 * 1024), Token);

        Assert.Equal(Noise(6 * 1024 * 1024), await ReadAsync(store, "audio/ab/large.wav"));
    }

    [Fact]
    public async Task A_part_that_fails_leaves_no_file_and_no_parts()
    {
        await using var gate = await server.GateAsync();
        var aborted = 0;
        gate.Refuse = request =>
        {
            aborted += request.Method == "DELETE" ? 1 : 0;
            return request.QueryString.Value!.Contains("partNumber=2", StringComparison.OrdinalIgnoreCase) ? 400 : null;
        };
        var options = await OptionsAsync();
        options.Endpoint = gate.Endpoint;
        var store = Over(options);

        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync("audio/ab/large.wav", Noise(6 * 1024 * 1024), Token));

        Assert.Null(await store.OpenAsync("audio/ab/large.wav", Token));
        Assert.Equal(1, aborted);
    }

    private protected override async Task<IBlobStore> StoreAsync() => Over(await OptionsAsync());

    private async Task<S3Options> OptionsAsync() => new()
    {
        Bucket = S3Server.Bucket,
        Endpoint = await server.EndpointAsync(),
        AccessKey = S3Server.AccessKey,
        SecretKey = S3Server.SecretKey,
        Prefix = $"t{Guid.NewGuid():N}/",
        PartBytes = 5 * 1024 * 1024,
    };

    private S3Blobs Over(S3Options options)
    {
        var store = new S3Blobs(Options.Create(options), TimeProvider.System);
        opened.Add(store);
        return store;
    }
}
