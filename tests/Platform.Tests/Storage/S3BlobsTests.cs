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
    public async Task A_bucket_in_the_host_name_is_reached_too()
    {
        var options = await OptionsAsync();
        (options.Endpoint, options.PathStyle) = (server.Endpoint.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), false);

        await Over(options).WriteAsync("audio/ab/host.mp3", Noise(1000), Token);

        options.PathStyle = true;
        Assert.Equal(Noise(1000), await ReadAsync(Over(options), "audio/ab/host.mp3"));
    }

    [Fact]
    public async Task A_signed_link_gives_the_file_with_its_type_to_anybody_and_a_changed_one_to_nobody()
    {
        var options = await OptionsAsync();
        options.Redirect = true;
        var store = Over(options);
        await store.WriteAsync("audio/ab/link.mp3", Noise(1000), Token);

        var link = store.SignLink("audio/ab/link.mp3", new LinkTerms(TimeSpan.FromHours(1), "audio/mpeg"))!;

        Assert.Equal("300", Uri.UnescapeDataString(link.Query).Split('&').Single(static one => one.Contains("X-Amz-Expires", StringComparison.Ordinal)).Split('=')[1]);
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

    private protected override async Task<IBlobStore> StoreAsync() => Over(await OptionsAsync());

    private async Task<S3Options> OptionsAsync() => new()
    {
        Bucket = S3Server.Bucket,
        Endpoint = (await server.RunningAsync()).Endpoint,
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
