using System.Text;
using Microsoft.Extensions.Options;
using Platform.Delivery.Webhooks;
using Platform.Outbound;
using Platform.Tests.Outbound;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

/// <summary>What receivers do wrong is a recorded, bounded attempt.</summary>
public sealed class WebhookCallTests : IDisposable
{
    private readonly WebhookCall call;

    public WebhookCallTests() => call = Call(new WebhookOptions { TimeoutSeconds = 1 });

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, true)]
    [InlineData(204, true)]
    [InlineData(299, true)]
    [InlineData(300, false)]
    [InlineData(400, false)]
    [InlineData(404, false)]
    [InlineData(500, false)]
    public async Task Two_hundreds_are_success_and_nothing_else_is(int status, bool isDelivered)
    {
        await using var receiver = await HookReceiver.StartAsync(status);

        var outcome = await PostAsync(receiver.Url());

        Assert.Equal((isDelivered, status), (outcome.IsDelivered, outcome.Status));
        Assert.Equal(isDelivered, outcome.Error is null);
    }

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n", 302)]
    [InlineData("HTTP/1.1 307 Temporary Redirect\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n", 307)]
    public async Task A_redirect_is_not_followed(string answer, int status)
    {
        await using var receiver = RawReceiver.Start(answer, closes: true);

        var outcome = await PostAsync(receiver.Url);

        Assert.Equal($"The receiver answered {status}; redirects are not followed.", outcome.Error);
        Assert.Equal(1, receiver.Connections);
    }

    [Theory]
    [InlineData("this is no HTTP\r\n\r\n", "The answer is not HTTP.")]
    [InlineData("", "The connection was closed before an answer came.")]
    [InlineData("HTTP/1.1 200 O", "The connection was closed before an answer came.")]
    public async Task What_is_no_answer_is_a_failure_that_says_so(string answer, string error)
    {
        await using var receiver = RawReceiver.Start(answer, closes: true);

        var outcome = await PostAsync(receiver.Url);

        Assert.False(outcome.IsDelivered);
        Assert.Null(outcome.Status);
        Assert.Equal(error, outcome.Error);
    }

    [Fact]
    public async Task Headers_without_end_are_cut_off()
    {
        await using var receiver = RawReceiver.Start(
            "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"X-{i}: {new string('a', 100)}\r\n")) + "\r\n");

        Assert.Equal("The answer's headers are too large.", (await PostAsync(receiver.Url)).Error);
    }

    [Theory]
    [InlineData(3, "The receiver did not answer within 1 s.")]
    [InlineData(1000, "The answer's headers are too large.")]
    public async Task Interim_answers_are_no_answer_however_many_come(int count, string error)
    {
        await using var receiver = RawReceiver.Start(string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\n\r\n", count)));

        Assert.Equal(error, (await PostAsync(receiver.Url)).Error);
    }

    [Fact]
    public async Task An_interim_answer_before_the_right_one_is_passed_over()
    {
        await using var receiver = RawReceiver.Start("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        Assert.True((await PostAsync(receiver.Url)).IsDelivered);
    }

    [Fact]
    public async Task Of_an_endless_body_one_kilobyte_is_kept_and_the_head_decides()
    {
        await using var receiver = await HookReceiver.StartAsync(async (http, _) =>
        {
            var piece = Encoding.UTF8.GetBytes(new string('x', 64 * 1024));
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(piece, http.RequestAborted);
            }
        });

        var outcome = await PostAsync(receiver.Url());

        Assert.True(outcome.IsDelivered);
        Assert.Equal(new string('x', 1024), AttemptOutcome.TextOf(outcome.Answer!));
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(500, false)]
    public async Task A_body_that_trickles_holds_its_place_for_a_moment_only(int status, bool isDelivered)
    {
        await using var receiver = RawReceiver.Start($"HTTP/1.1 {status} X\r\nContent-Length: 1000\r\n\r\nabc");
        var started = TimeProvider.System.GetTimestamp();

        var outcome = await PostAsync(receiver.Url);

        Assert.Equal(isDelivered, outcome.IsDelivered);
        Assert.Equal("abc", AttemptOutcome.TextOf(outcome.Answer!));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_body_changes_nothing_about_the_verdict()
    {
        await using var receiver = RawReceiver.Start("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc", closes: true);

        Assert.True((await PostAsync(receiver.Url)).IsDelivered);
    }

    [Fact]
    public async Task An_answer_after_the_time_is_no_success()
    {
        var late = new TaskCompletionSource();
        await using var receiver = await HookReceiver.StartAsync((_, _) => late.Task);

        var outcome = await PostAsync(receiver.Url());
        late.SetResult();

        Assert.False(outcome.IsDelivered);
        Assert.Equal("The receiver did not answer within 1 s.", outcome.Error);
        Assert.InRange(outcome.Duration.TotalSeconds, 0.9, 5);
    }

    [Fact]
    public void The_time_to_answer_is_five_seconds() => Assert.Equal(5, new WebhookOptions().TimeoutSeconds);

    [Fact]
    public async Task Plain_text_where_TLS_is_expected_is_a_failed_connection()
    {
        await using var receiver = await HookReceiver.StartAsync();

        var outcome = await PostAsync(receiver.Url().Replace("http:", "https:", StringComparison.Ordinal));

        Assert.Equal("No secure connection came about: check the certificate.", outcome.Error);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/", "No connection came about: ConnectionRefused.")]
    [InlineData("http://nowhere.example/", "The address names a host that has no public address.")]
    [InlineData("http://10.0.0.1/", "The address names a host that has no public address.")]
    [InlineData("http://169.254.169.254/latest/meta-data", "The address names a host that has no public address.")]
    public async Task An_address_that_cannot_or_may_not_be_reached_is_a_failed_attempt(string url, string error)
    {
        var outcome = await PostAsync(url);

        Assert.Equal((null, error), (outcome.Status, outcome.Error));
    }

    [Theory]
    [InlineData(429, "7", 7.0)]
    [InlineData(503, "7", 7.0)]
    [InlineData(500, "7", null)]
    [InlineData(429, "Wed, 21 Oct 2015 07:28:30 GMT", 30.0)]
    [InlineData(429, "soon", null)]
    public async Task Reads_how_long_the_receiver_wants_to_be_left_alone(int status, string wish, double? seconds)
    {
        await using var receiver = await HookReceiver.StartAsync((http, _) =>
        {
            // A date counts by the receiver's own clock, whatever ours says.
            http.Response.Headers.Date = "Wed, 21 Oct 2015 07:28:00 GMT";
            http.Response.Headers.RetryAfter = wish;
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        Assert.Equal(seconds, (await PostAsync(receiver.Url())).RetryAfter?.TotalSeconds);
    }

    public void Dispose() => call.Dispose();

    private static WebhookCall Call(WebhookOptions options)
    {
        var outbound = new OutboundOptions { AllowedNetworks = { "127.0.0.0/8" } };
        var guard = new OutboundGuard(
            Options.Create(outbound),
            (host, _) => Task.FromResult<System.Net.IPAddress[]>(System.Net.IPAddress.TryParse(host, out var address) ? [address] : []),
            TimeProvider.System);
        // Whatever a hole in the guard lets through ends here: only loopback is ever connected to.
        var clients = new OutboundClients(
            guard,
            (address, cancellation) => System.Net.IPAddress.IsLoopback(address.Address)
                ? SystemNetwork.ConnectAsync(address, cancellation)
                : throw new InvalidOperationException($"The guard let {address} through."),
            Options.Create(outbound),
            TimeProvider.System);
        return new WebhookCall(clients, Options.Create(options), TimeProvider.System);
    }

    private Task<AttemptOutcome> PostAsync(string url) =>
        call.PostAsync(Guid.Empty, new Uri(url), new WebhookBody([]), new Dictionary<string, string>(StringComparer.Ordinal));
}
