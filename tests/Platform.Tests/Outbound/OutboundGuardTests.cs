using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Platform.Outbound;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Outbound;

public sealed class OutboundGuardTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static RecordedNetwork Network(params string[] allowed)
    {
        var network = new RecordedNetwork(allowed);
        foreach (var (host, addresses) in HostileUrls.Names)
        {
            network.Name(host, addresses);
        }

        return network;
    }

    [Fact]
    public void The_table_of_hostile_urls_is_long_enough() => Assert.True(HostileUrls.All.Count >= 60, $"{HostileUrls.All.Count}");

    [Theory]
    [MemberData(nameof(HostileUrls.All), MemberType = typeof(HostileUrls))]
    public async Task Refuses_a_hostile_url_at_submission(string url, string fault)
    {
        var network = Network();
        var refusal = await network.Guard.CheckAsync(url, Guid.Empty, Cancellation);

        Assert.Equal(fault, refusal?.Fault.ToString());
        Assert.Empty(network.Connected);
    }

    [Theory]
    [MemberData(nameof(HostileUrls.Callable), MemberType = typeof(HostileUrls))]
    public async Task Sends_nothing_to_a_hostile_url_that_was_never_checked(string url)
    {
        var network = Network();
        using var client = network.Client();

        // Where .NET reads a different host than the one that was meant, it may be a public one: what counts is where it connects.
        var failure = await Record.ExceptionAsync(() => client.GetAsync(new Uri(url), Cancellation));

        Assert.NotNull(failure);
        Assert.All(network.Connected, address => Assert.Equal(IPEndPoint.Parse("93.184.215.14:80"), address));
    }

    [Theory]
    [InlineData("http://good.example/")]
    [InlineData("https://good.example/x?y=http://127.0.0.1/#@z")]
    [InlineData("https://good.example:443/x")]
    [InlineData("http://good.example:443/x")]
    [InlineData("http://93.184.215.14/")]
    [InlineData("http://8.8.8.8:80/a@b")]
    [InlineData("https://[2606:2800:21f:cb07::1]/")]
    [InlineData("https://[64:ff9b::5db8:d70e]/")]
    [InlineData("http://100.63.255.255/")]
    [InlineData("http://100.128.0.0/")]
    [InlineData("http://172.15.255.255/")]
    [InlineData("http://172.32.0.0/")]
    [InlineData("http://126.255.255.255/")]
    [InlineData("http://223.255.255.255/")]
    [InlineData("http://[2001:200::1]/")]
    public async Task Lets_public_addresses_pass(string url) => Assert.Null(await Network().Guard.CheckAsync(url, Guid.Empty, Cancellation));

    [Fact]
    public async Task Refuses_a_url_that_is_too_long()
    {
        var start = "http://good.example/";
        Assert.Null(await Network().Guard.CheckAsync(start.PadRight(OutboundUrl.LongestUrl, 'a'), Guid.Empty, Cancellation));
        var refusal = await Network().Guard.CheckAsync(start.PadRight(OutboundUrl.LongestUrl + 1, 'a'), Guid.Empty, Cancellation);
        Assert.Equal(OutboundFault.Malformed, refusal!.Fault);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8123/x", true)]
    [InlineData("http://[::1]:9/x", true)]
    [InlineData("http://127.9.9.9:1/", true)]
    [InlineData("http://localhost:5000/", true)]
    [InlineData("http://[::ffff:127.0.0.1]:8123/", false)]
    [InlineData("http://mapped.example/", false)]
    [InlineData("http://half.example/", false)]
    [InlineData("http://10.0.0.1/", false)]
    [InlineData("http://169.254.169.254/", false)]
    [InlineData("http://good.example:8123/", false)]
    [InlineData("http://0.0.0.0:8123/", false)]
    public async Task Lets_allowed_networks_pass_on_every_port(string url, bool isAllowed) =>
        Assert.Equal(isAllowed, await Network("127.0.0.0/8", "::1/128").Guard.CheckAsync(url, Guid.Empty, Cancellation) is null);

    [Fact]
    public async Task The_word_none_allows_no_network() =>
        Assert.NotNull(await Network(OutboundOptions.NoNetwork).Guard.CheckAsync("http://127.0.0.1/", Guid.Empty, Cancellation));

    [Fact]
    public async Task Lets_configured_ports_pass()
    {
        var network = Network();
        network.ExtraPorts.Add(8443);
        Assert.Null(await network.Guard.CheckAsync("https://good.example:8443/", Guid.Empty, Cancellation));
        Assert.NotNull(await network.Guard.CheckAsync("https://good.example:8444/", Guid.Empty, Cancellation));
    }

    [Fact]
    public async Task Says_the_same_of_a_private_name_and_of_one_that_does_not_exist()
    {
        var guard = Network().Guard;
        var hidden = await guard.CheckAsync("http://loopback.example/", Guid.Empty, Cancellation);
        var absent = await guard.CheckAsync("http://nowhere.example/", Guid.Empty, Cancellation);
        Assert.Equal(absent!.Reason, hidden!.Reason);
    }

    [Fact]
    public async Task Looks_up_nothing_for_an_address()
    {
        var network = Network();
        await network.Guard.CheckAsync("http://0x7f.1/", Guid.Empty, Cancellation);
        await network.Guard.CheckAsync("http://[64:ff9b::5db8:d70e]/", Guid.Empty, Cancellation);
        Assert.Empty(network.LookedUp);
    }

    [Fact]
    public async Task Gives_up_on_a_name_that_takes_too_long()
    {
        var time = new ManualTime();
        var silent = new TaskCompletionSource<IPAddress[]>();
        var guard = new OutboundGuard(
            Options.Create(new OutboundOptions()), (_, cancellation) => silent.Task.WaitAsync(cancellation), time);

        var check = guard.CheckAsync("http://slow.example/", Guid.Empty, Cancellation);
        await time.WaitForTimersAsync();
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(OutboundFault.Unresolved, (await check)!.Fault);
    }

    [Fact]
    public async Task A_tenant_whose_names_never_answer_waits_for_itself_alone()
    {
        var time = new ManualTime();
        var done = new TaskCompletionSource<IPAddress[]>();
        var asked = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var guard = new OutboundGuard(Options.Create(new OutboundOptions()), LookUpAsync, time);
        var (slow, other) = (Guid.NewGuid(), Guid.NewGuid());

        var first = Enumerable.Range(0, 50).Select(i => guard.CheckAsync($"http://slow{i}.example/", slow, Cancellation)).ToList();
        Assert.Null(await guard.CheckAsync("http://good.example/", other, Cancellation));
        Assert.Equal(9, asked.Count);

        time.Advance(TimeSpan.FromSeconds(5));
        var faults = (await Task.WhenAll(first)).Select(static refusal => refusal!.Fault).ToList();
        Assert.Equal((8, 42), (faults.Count(static fault => fault == OutboundFault.Unresolved), faults.Count(static fault => fault == OutboundFault.Busy)));

        // The system still works at those: the tenant's places are taken until it is done, and what did not answer is known.
        Assert.Equal(OutboundFault.Unresolved, (await guard.CheckAsync("http://slow0.example/", slow, Cancellation))!.Fault);
        var next = guard.CheckAsync("http://next.example/", slow, Cancellation);
        Assert.Equal(9, asked.Count);

        // Another tenant asks for itself.
        var same = guard.CheckAsync("http://slow0.example/", other, Cancellation);
        Assert.Equal(10, asked.Count);
        done.SetResult([IPAddress.Parse("93.184.216.34")]);
        Assert.Null(await next);
        Assert.Null(await same);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await guard.CheckAsync("http://slow0.example/", slow, Cancellation));

        Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellation)
        {
            asked.Enqueue(host);
            return host.StartsWith("good", StringComparison.Ordinal) ? Task.FromResult<IPAddress[]>([IPAddress.Parse("93.184.216.34")]) : done.Task;
        }
    }

    [Theory]
    [InlineData("http://xn--bcher-kva.example/")]
    [InlineData("http://bücher.example/straße")]
    public async Task A_name_of_another_script_is_looked_up_in_the_form_that_is_registered(string url)
    {
        var network = Network();
        network.Name("xn--bcher-kva.example", ["93.184.216.34"]);

        Assert.Null(await network.Guard.CheckAsync(url, Guid.Empty, Cancellation));
        Assert.Equal(["xn--bcher-kva.example"], network.LookedUp);
    }

    [Fact]
    public async Task A_name_that_is_too_long_only_in_its_registered_form_is_no_url()
    {
        var url = "http://一泯诞岭箜骋歚詉嬘稇飶槅袴妃硲靡栰蜟埮盝闌暛薊噙畈鐷攆菵哄.com/";

        Assert.Equal(OutboundFault.Malformed, (await Network().Guard.CheckAsync(url, Guid.Empty, Cancellation))!.Fault);
    }

    [Fact]
    public async Task A_caller_that_stops_waiting_gets_its_own_cancellation()
    {
        using var stop = new CancellationTokenSource();
        var guard = new OutboundGuard(
            Options.Create(new OutboundOptions()),
            async (_, cancellation) =>
            {
                await stop.CancelAsync();
                cancellation.ThrowIfCancellationRequested();
                throw new SocketException((int)SocketError.TryAgain);
            },
            TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guard.CheckAsync("http://slow.example/", Guid.Empty, stop.Token));
    }

    [Theory]
    [InlineData("10.0.0.0/8", 8080, null)]
    [InlineData("none", 1, null)]
    [InlineData("10.0.0.0/33", 8080, "10.0.0.0/33")]
    [InlineData("localhost", 8080, "localhost")]
    [InlineData("::1/128", 0, "ExtraPorts")]
    [InlineData("::1/128", 65536, "ExtraPorts")]
    public void Names_a_setting_that_cannot_be(string network, int port, string? named)
    {
        var options = new OutboundOptions();
        options.AllowedNetworks.Add(network);
        options.ExtraPorts.Add(port);
        Assert.True(named is null ? options.FindFault() is null : options.FindFault()!.Contains(named, StringComparison.Ordinal));
    }
}
