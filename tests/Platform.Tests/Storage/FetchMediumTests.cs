using System.Text;
using Microsoft.Extensions.Options;
using Platform.Outbound;
using Platform.Storage;
using Platform.Tests.Outbound;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class FetchMediumTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 200).Select(static i => (byte)i)];

    private static string Encoded => Convert.ToBase64String(Bytes);

    [Fact]
    public async Task Reads_base64_and_data_uris()
    {
        Assert.Equal(Bytes, await TakenAsync(Encoded));
        Assert.Equal(Bytes, await TakenAsync("data:audio/wav;base64," + Encoded));
        Assert.Equal(Bytes, await TakenAsync("DATA:;BASE64," + Encoded));
        Assert.Equal(Bytes, await TakenAsync("data:audio/mpeg;name=a.mp3;base64," + Encoded));
    }

    [Theory]
    [InlineData("")]
    [InlineData("data:")]
    [InlineData("data:audio/wav,abcd")]
    [InlineData("data:audio/wav;base64")]
    [InlineData("data:audio/wav;base64,")]
    [InlineData("data:audio/wav;base64,%%%%")]
    [InlineData("not base64")]
    [InlineData("abc")]
    [InlineData("QUJD=")]
    [InlineData("QUJD\0\0\0\0")]
    [InlineData("ftp://files.example/a.wav")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://10.0.0.1/a.wav")]
    [InlineData("http://user:pw@127.0.0.1/a.wav")]
    [InlineData("http://[::ffff:127.0.0.1]/a.wav")]
    public async Task Refuses_what_it_cannot_or_must_not_read(string source) =>
        Assert.Equal(MediumFault.Invalid, (await RefusedAsync(source)).Fault);

    [Fact]
    public async Task Refuses_more_bytes_than_allowed_before_it_decodes_them()
    {
        var limit = new StoredMediaOptions { MaxBytes = 199 };
        Assert.Equal(MediumFault.TooLarge, (await RefusedAsync(Encoded, limit)).Fault);
        Assert.Equal(MediumFault.TooLarge, (await RefusedAsync("data:audio/wav;base64," + Encoded, limit)).Fault);
        Assert.Equal(Bytes, await TakenAsync(Encoded, new StoredMediaOptions { MaxBytes = 200 }));
    }

    [Fact]
    public async Task Downloads_a_url()
    {
        await using var server = RawReceiver.Start(Answer("200 OK", $"Content-Length: {Bytes.Length}\r\n"), closes: true);
        Assert.Equal(Bytes, await TakenAsync(server.Url + "voice.wav?sig=1"));
    }

    [Theory]
    [InlineData("404 Not Found", MediumFault.DownloadFailed)]
    [InlineData("302 Found\r\nLocation: http://169.254.169.254/", MediumFault.DownloadFailed)]
    [InlineData("500 Oops", MediumFault.DownloadFailed)]
    public async Task Takes_nothing_but_a_success(string status, object fault)
    {
        await using var server = RawReceiver.Start(Answer(status, $"Content-Length: {Bytes.Length}\r\n"), closes: true);
        Assert.Equal(fault, (await RefusedAsync(server.Url)).Fault);
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("Content-Length: 200\r\n")]
    [InlineData("Content-Length: 999999999999\r\n")]
    [InlineData("")]
    public async Task Stops_a_download_that_is_too_large(string framing)
    {
        await using var server = RawReceiver.Start(Answer("200 OK", framing), closes: framing.Length == 0);
        Assert.Equal(MediumFault.TooLarge, (await RefusedAsync(server.Url, new StoredMediaOptions { MaxBytes = 199 })).Fault);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf")]
    [InlineData("")]
    [InlineData("SSH-2.0-OpenSSH_9\r\n\r\n")]
    public async Task A_server_that_breaks_off_is_a_failed_download(string answer)
    {
        await using var server = RawReceiver.Start(answer, closes: true);
        Assert.Equal(MediumFault.DownloadFailed, (await RefusedAsync(server.Url)).Fault);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_left_in_time()
    {
        await using var server = RawReceiver.Start("");
        var refusal = await RefusedAsync(server.Url, new StoredMediaOptions { DownloadSeconds = 0.3 });
        Assert.Equal(MediumFault.DownloadFailed, refusal.Fault);
        Assert.Contains("slow", refusal.Reason, StringComparison.Ordinal);
    }

    private static string Answer(string status, string headers) =>
        $"HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n{Encoding.Latin1.GetString(Bytes)}";

    private static async Task<byte[]> TakenAsync(string source, StoredMediaOptions? options = null)
    {
        using var fetch = Fetch(options);
        var (bytes, refusal) = await fetch.RunAsync(Guid.Empty, source);
        Assert.Null(refusal);
        return bytes!;
    }

    private static async Task<MediumRefusal> RefusedAsync(string source, StoredMediaOptions? options = null)
    {
        using var fetch = Fetch(options);
        var (bytes, refusal) = await fetch.RunAsync(Guid.Empty, source);
        Assert.Null(bytes);
        return refusal!;
    }

    private static FetchMedium Fetch(StoredMediaOptions? options)
    {
        var outbound = new OutboundOptions();
        outbound.AllowedNetworks.Add("127.0.0.0/8");
        var wrapped = Options.Create(outbound);
        var guard = new OutboundGuard(wrapped, SystemNetwork.LookUpAsync, TimeProvider.System);
        return new FetchMedium(
            guard,
            new OutboundClients(guard, SystemNetwork.ConnectAsync, wrapped, TimeProvider.System),
            Options.Create(options ?? new StoredMediaOptions()));
    }
}
