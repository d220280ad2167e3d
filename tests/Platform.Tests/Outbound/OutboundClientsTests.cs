using System.Net;
using Microsoft.Extensions.Options;
using Platform.Outbound;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Outbound;

public sealed class OutboundClientsTests
{
    private static readonly OutboundLimits Usual = new(TimeSpan.FromSeconds(30), 1000);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refuses_a_name_that_turns_to_loopback_between_the_check_and_the_connection()
    {
        var network = new RecordedNetwork();
        network.Name("rebind.example", ["93.184.215.14"], ["127.0.0.1"]);
        Assert.Null(await network.Guard.CheckAsync("http://rebind.example/", Guid.Empty, Cancellation));

        using var client = network.Client();
        var refused = await Assert.ThrowsAsync<OutboundException>(() => client.GetAsync("http://rebind.example/", Cancellation));

        Assert.Equal(OutboundFault.Address, refused.Fault);
        Assert.Empty(network.Connected);
    }

    [Fact]
    public async Task Connects_to_the_very_addresses_that_were_checked()
    {
        var network = new RecordedNetwork { Listening = { IPAddress.Parse("93.184.215.14") } };
        network.Name("rebind.example", ["93.184.215.14"], ["127.0.0.1"]);

        using var client = network.Client();
        var answer = await client.GetStringAsync("http://rebind.example/", Cancellation);

        Assert.Equal("ok", answer);
        Assert.Equal(IPEndPoint.Parse("93.184.215.14:80"), Assert.Single(network.Connected));
        Assert.Single(network.LookedUp);
    }

    [Fact]
    public async Task Goes_on_to_the_next_address_when_one_does_not_answer()
    {
        var network = new RecordedNetwork { Listening = { IPAddress.Parse("93.184.215.14") } };
        network.Name("two.example", ["2606:2800:21f:cb07::1", "93.184.215.14"]);

        using var client = network.Client();

        Assert.Equal("ok", await client.GetStringAsync("http://two.example/", Cancellation));
        Assert.Equal(2, network.Connected.Count);
    }

    [Fact]
    public async Task Tries_no_more_than_four_addresses()
    {
        var network = new RecordedNetwork();
        network.Name("many.example", [.. Enumerable.Range(1, 50).Select(i => $"93.184.215.{i}")]);

        using var client = network.Client();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://many.example/", Cancellation));

        Assert.Equal(4, network.Connected.Count);
    }

    [Theory]
    [InlineData("http://user:pw@93.184.215.14/", OutboundFault.Credentials)]
    [InlineData("http://93.184.215.14:8080/", OutboundFault.Port)]
    [InlineData("ftp://93.184.215.14/", OutboundFault.Scheme)]
    internal async Task Checks_the_form_of_each_call(string url, OutboundFault fault)
    {
        var network = new RecordedNetwork();
        using var client = network.Client();
        var refused = await Assert.ThrowsAsync<OutboundException>(() => client.GetAsync(url, Cancellation));
        Assert.Equal(fault, refused.Fault);
        Assert.Empty(network.Connected);
    }

    [Fact]
    public async Task Does_not_follow_a_redirect()
    {
        await using var receiver = RawReceiver.Start("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
        using var client = Clients(TimeProvider.System).Create(Usual);

        using var answer = await client.GetAsync(receiver.Url, Cancellation);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal(1, receiver.Connections);
    }

    [Fact]
    public async Task Sends_neither_cookies_nor_trace_ids_nor_a_wish_for_compression()
    {
        await using var receiver = RawReceiver.Start("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n", repeat: 2);
        using var client = Clients(TimeProvider.System).Create(Usual);
        using var activity = new System.Diagnostics.Activity("test").Start();

        (await client.GetAsync(receiver.Url, Cancellation)).Dispose();
        (await client.GetAsync(receiver.Url, Cancellation)).Dispose();

        var heard = await receiver.HeardAsync(2);
        Assert.All(heard, head => Assert.Equal(["GET / HTTP/1.1", $"Host: {new Uri(receiver.Url).Authority}"], head));
    }

    [Fact]
    public async Task A_compressed_answer_stays_as_small_as_it_was_sent()
    {
        await using var receiver = RawReceiver.Start("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz");
        using var client = Clients(TimeProvider.System).Create(Usual);
        Assert.Equal(4, (await client.GetByteArrayAsync(receiver.Url, Cancellation)).Length);
    }

    [Fact]
    public async Task Reads_an_answer_up_to_its_limit()
    {
        await using var receiver = RawReceiver.Start("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + new string('x', 1000), closes: true);
        using var client = Clients(TimeProvider.System).Create(Usual);
        Assert.Equal(1000, (await client.GetByteArrayAsync(receiver.Url, Cancellation)).Length);
    }

    [Theory]
    [InlineData("Connection: close\r\n", HttpCompletionOption.ResponseHeadersRead)]
    [InlineData("Connection: close\r\n", HttpCompletionOption.ResponseContentRead)]
    [InlineData("Content-Length: 2000000000\r\n", HttpCompletionOption.ResponseHeadersRead)]
    [InlineData("Content-Length: 2000000000\r\n", HttpCompletionOption.ResponseContentRead)]
    public async Task Refuses_an_answer_over_its_limit(string framing, HttpCompletionOption completion)
    {
        await using var receiver = RawReceiver.Start($"HTTP/1.1 200 OK\r\n{framing}\r\n" + new string('x', 5000));
        using var client = Clients(TimeProvider.System).Create(Usual);

        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using var answer = await client.GetAsync(receiver.Url, completion, Cancellation);
            await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
            await body.CopyToAsync(Stream.Null, Cancellation);
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nslow")]
    public async Task Ends_a_call_at_its_time_however_slowly_the_answer_drips(string sent)
    {
        var time = new ManualTime();
        await using var receiver = RawReceiver.Start(sent);
        using var client = Clients(time).Create(Usual);

        var call = client.GetByteArrayAsync(receiver.Url, Cancellation);
        await receiver.HeardAsync(1);
        time.Advance(Usual.Total);

        var ended = await Assert.ThrowsAsync<OutboundException>(() => call);
        Assert.Equal(OutboundFault.TimedOut, ended.Fault);
    }

    [Theory]
    [InlineData("no HTTP at all\r\n\r\n")]
    [InlineData("")]
    public async Task What_speaks_no_http_is_a_failed_call(string sent)
    {
        await using var receiver = RawReceiver.Start(sent, closes: true);
        using var client = Clients(TimeProvider.System).Create(Usual);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetAsync(receiver.Url, Cancellation));
    }

    private static OutboundClients Clients(TimeProvider time)
    {
        var options = new OutboundOptions();
        options.AllowedNetworks.Add("127.0.0.0/8");
        var wrapped = Options.Create(options);
        return new OutboundClients(new OutboundGuard(wrapped, SystemNetwork.LookUpAsync, time), SystemNetwork.ConnectAsync, wrapped, time);
    }
}
