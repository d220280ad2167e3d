using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Delivery.Upload;
using Platform.Outbound;
using Platform.Storage;
using Platform.Tests.Delivery.Webhooks;
using Platform.Tests.Fixtures;
using Platform.Tests.Outbound;
using Platform.Tests.Storage;
using Xunit;

namespace Platform.Tests.Delivery.Upload;

/// <summary>Contract, section 6, Upload, clause by clause; each test has the clause's name.</summary>
public sealed class UploadAudioTests(S3Server s3) : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly List<UploadAudio> opened = [];
    private readonly OutboundOptions outbound = new() { AllowedNetworks = { "127.0.0.0/8" } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        opened.ForEach(static upload => upload.Dispose());
        folder.Dispose();
    }

    [Theory]
    [InlineData("mp3", "audio/mpeg")]
    [InlineData("wav", "audio/wav")]
    [InlineData("flac", "audio/flac")]
    [InlineData("ogg", "audio/ogg")]
    public async Task PUT_of_the_raw_bytes_with_Content_Type_and_Content_Length(string extension, string type)
    {
        await using var receiver = await HookReceiver.StartAsync(201);

        var outcome = await PutAsync(receiver.Url("/some/place.bin?signature=a%2Fb"), 100_001, extension);

        Assert.Null(outcome.Fault);
        var heard = Assert.Single(receiver.All);
        Assert.Equal(BlobStoreTests.Noise(100_001), heard.Body);
        Assert.Equal(("/some/place.bin", type, "100001"), (heard.Path, heard.Headers["Content-Type"], heard.Headers["Content-Length"]));
        Assert.Equal(["Content-Length", "Content-Type", "Host"], heard.Headers.Keys.Order(StringComparer.Ordinal).ToArray());
    }

    [Fact]
    public async Task Done_through_a_url_that_an_AWS_SDK_presigned()
    {
        var endpoint = await s3.EndpointAsync();
        using var client = new AmazonS3Client(
            new BasicAWSCredentials(S3Server.AccessKey, S3Server.SecretKey),
            new AmazonS3Config { ServiceURL = endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        var key = $"customer/{Guid.NewGuid():N} with space.wav";
        var request = new GetPreSignedUrlRequest
        {
            BucketName = S3Server.Bucket, Key = key, Verb = HttpVerb.PUT, Protocol = Protocol.HTTP,
            Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5),
        };

        var outcome = await PutAsync(client.GetPreSignedURL(request), 3_000_000, "wav");

        Assert.Null(outcome.Fault);
        using var stored = await client.GetObjectAsync(S3Server.Bucket, key, Token);
        using var bytes = new MemoryStream();
        await stored.ResponseStream.CopyToAsync(bytes, Token);
        Assert.Equal(BlobStoreTests.Noise(3_000_000), bytes.ToArray());
        Assert.Equal("audio/wav", stored.Headers.ContentType);

        request.Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(-10);
        Assert.Equal("Its server answered 403.", (await PutAsync(client.GetPreSignedURL(request), 10, "wav")).Fault);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task No_redirects_followed(int status)
    {
        await using var receiver = await HookReceiver.StartAsync((http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "http://169.254.169.254/latest/meta-data/";
            return Task.CompletedTask;
        });

        var outcome = await PutAsync(receiver.Url());

        Assert.Equal($"Its server answered {status}; redirects are not followed.", outcome.Fault);
        Assert.Single(receiver.All);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Five_attempts_on_408_429_and_5xx(int status)
    {
        await using var receiver = await HookReceiver.StartAsync(status);

        var outcome = await PutAsync(receiver.Url());

        Assert.Equal($"Its server answered {status}.", outcome.Fault);
        Assert.Equal(5, receiver.All.Count);
    }

    [Fact]
    public async Task A_later_attempt_sends_the_whole_file_again()
    {
        var left = 4;
        await using var receiver = await HookReceiver.StartAsync((http, _) =>
        {
            http.Response.StatusCode = Interlocked.Decrement(ref left) >= 0 ? 503 : 200;
            return Task.CompletedTask;
        });

        Assert.Null((await PutAsync(receiver.Url(), 200_000)).Fault);

        Assert.Equal(5, receiver.All.Count);
        Assert.All(receiver.All, static heard => Assert.Equal(200_000, heard.Body.Length));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(413)]
    public async Task A_4xx_is_final(int status)
    {
        await using var receiver = await HookReceiver.StartAsync(status);

        Assert.Equal($"Its server answered {status}.", (await PutAsync(receiver.Url())).Fault);
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task Connection_errors_are_tried_five_times()
    {
        await using var closing = RawReceiver.Start("", closes: true, repeat: 0);

        Assert.Contains("onnection", (await PutAsync(closing.Url)).Fault, StringComparison.Ordinal);
        Assert.Equal(5, closing.Connections);
        Assert.Equal("No connection came about: ConnectionRefused.", (await PutAsync($"http://127.0.0.1:{FreePort.One()}/")).Fault);
    }

    [Fact]
    public async Task The_waits_between_the_attempts_grow()
    {
        await using var receiver = await HookReceiver.StartAsync(500);

        await PutAsync(receiver.Url(), delay: 0.1);

        var at = receiver.All.Select(static heard => heard.At).ToArray();
        var whole = TimeProvider.System.GetElapsedTime(at[0], at[^1]);
        // 0.1 + 0.2 + 0.4 + 0.8 s, each scattered around its middle.
        Assert.InRange(whole.TotalSeconds, 0.4, 6);
    }

    [Fact]
    public async Task A_receiver_that_answers_byte_by_byte_or_never_is_given_up_in_time()
    {
        await using var silent = await HookReceiver.StartSilentAsync();
        await using var dripping = RawReceiver.Start("H");

        Assert.Equal("The address did not answer in time.", (await PutAsync(silent.Url(), seconds: 0.2)).Fault);
        Assert.Equal("The address did not answer in time.", (await PutAsync(dripping.Url, seconds: 0.2)).Fault);
    }

    [Fact]
    public async Task A_receiver_that_always_sends_a_little_more_is_given_up_in_time()
    {
        await using var dripping = new ActingReceiver(static (stream, stop) =>
            ActingReceiver.DripAsync(stream, [.. "HTTP/1.1 200 OK\r\nX-Long: "u8, .. Enumerable.Repeat((byte)'x', 100_000)], stop));

        Assert.Equal("The address did not answer in time.", (await PutAsync(dripping.Url, seconds: 0.3)).Fault);
        Assert.Equal(5, dripping.Connections);
    }

    [Theory]
    [InlineData("220 mail.example ESMTP ready\r\n")]
    [InlineData("HTTP/9.9 !!\r\n\r\n")]
    public async Task What_speaks_no_HTTP_is_a_failed_attempt_that_ends_in_its_time(string sent)
    {
        await using var receiver = RawReceiver.Start(sent, closes: true);

        // Whether the nonsense or the end of its time comes first is up to the network: the body may still be on its way.
        Assert.Contains(
            (await PutAsync(receiver.Url, seconds: 0.5)).Fault,
            ["The answer is not HTTP.", "The address did not answer in time."],
            StringComparer.Ordinal);
        Assert.InRange(receiver.Connections, 1, 5);
    }

    [Fact]
    public async Task An_answer_of_100_MB_is_not_read()
    {
        await using var receiver = await HookReceiver.StartAsync(async (http, _) =>
        {
            http.Response.ContentLength = 100_000_000;
            try
            {
                for (var i = 0; i < 100; i++)
                {
                    await http.Response.Body.WriteAsync(new byte[1_000_000], http.RequestAborted);
                }
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException)
            {
                return;
            }
        });

        Assert.Null((await PutAsync(receiver.Url())).Fault);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    public async Task An_address_that_is_not_allowed_gets_no_packet_and_no_second_try(string url)
    {
        var connected = 0;
        var upload = Upload(connect: (_, _) =>
        {
            connected++;
            throw new IOException("nobody goes there");
        });

        var outcome = await upload.RunAsync(Guid.Empty, await StoreAsync(10, "mp3"), url, Token);

        Assert.NotNull(outcome.Fault);
        Assert.Equal(0, connected);
    }

    [Fact]
    public async Task A_damaged_file_is_not_uploaded()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var key = await StoreAsync(1000, "mp3");
        await File.WriteAllBytesAsync(folder[key], new byte[1000], Token);

        await Assert.ThrowsAsync<DamagedBlobException>(() => Upload().RunAsync(Guid.Empty, key, receiver.Url(), Token));

        Assert.Empty(receiver.All);
    }

    private async Task<Uploaded> PutAsync(string url, int length = 1000, string extension = "mp3", double delay = 0.01, double seconds = 20) =>
        await Upload(delay, seconds).RunAsync(Guid.Empty, await StoreAsync(length, extension), url, Token);

    private FolderBlobs Store => new(Options.Create(new StorageOptions { Folder = folder.Path, FlushToDisk = false }), TimeProvider.System);

    private async Task<string> StoreAsync(int length, string extension)
    {
        var bytes = BlobStoreTests.Noise(length);
        var key = BlobKeys.OfMedium(Guid.NewGuid(), BlobDigest.Of(bytes), extension);
        await Store.WriteAsync(key, bytes, Token);
        return key;
    }

    private UploadAudio Upload(double delay = 0.01, double seconds = 20, Connect? connect = null)
    {
        var guard = new OutboundGuard(Options.Create(outbound), SystemNetwork.LookUpAsync, TimeProvider.System);
        var clients = new OutboundClients(guard, connect ?? SystemNetwork.ConnectAsync, Options.Create(outbound), TimeProvider.System);
        var upload = new UploadAudio(
            clients,
            new VerifiedBlobs(Store, TimeProvider.System, NullLogger<VerifiedBlobs>.Instance),
            Options.Create(new UploadOptions { RetryDelaySeconds = delay, AttemptSeconds = seconds }),
            TimeProvider.System,
            NullLogger<UploadAudio>.Instance);
        opened.Add(upload);
        return upload;
    }
}
