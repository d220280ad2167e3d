using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Ledger.Stripe;
using Platform.LocalStripe;
using Stripe;
using Xunit;

namespace Platform.Tests.Ledger.Stripe;

/// <summary>One call to Stripe: what is repeated, when, and where it may go.</summary>
public sealed class StripeCallsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(409, null, 3)]
    [InlineData(429, null, 3)]
    [InlineData(500, null, 3)]
    [InlineData(500, false, 1)]
    [InlineData(400, null, 1)]
    [InlineData(400, true, 3)]
    [InlineData(402, null, 1)]
    public async Task Repeats_what_Stripe_says_and_else_what_may_pass(int status, bool? shouldRetry, int calls)
    {
        await using var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);
        stripe.Break(new Fault(Trouble.Refuse, "/v1/customers", 10) { Status = status, ShouldRetry = shouldRetry });
        using var access = Access(stripe);

        var fault = await Assert.ThrowsAsync<StripeException>(() => MakeAsync(access));

        Assert.Equal((HttpStatusCode)status, fault.HttpStatusCode);
        Assert.Equal(calls, stripe.Requests.Count);
    }

    [Theory]
    [InlineData(Trouble.CutBefore)]
    [InlineData(Trouble.CutAfter)]
    internal async Task A_connection_that_was_cut_is_one_effect(Trouble trouble)
    {
        await using var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);
        stripe.Break(new Fault(trouble, "/v1/customers"));
        using var access = Access(stripe);

        var made = await MakeAsync(access);

        Assert.NotNull(stripe.Account.Find(made.Id));
        Assert.Single(stripe.Account.List("customer", new Form("")));
        Assert.Equal(2, stripe.Requests.Count);
        Assert.Empty(stripe.Violations);
    }

    [Fact]
    public async Task Retry_After_is_waited_for()
    {
        await using var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);
        stripe.Break(new Fault(Trouble.Refuse, "/v1/customers") { Status = 429, RetryAfter = 1 });
        using var access = Access(stripe);
        var started = TimeProvider.System.GetTimestamp();

        await MakeAsync(access);

        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0.9, 20);
        Assert.Equal(2, stripe.Requests.Count);
    }

    [Fact]
    public async Task A_call_that_is_never_answered_ends_in_time()
    {
        await using var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);
        stripe.Break(new Fault(Trouble.HangAfter, "/v1/customers", 10));
        using var access = Access(stripe, configure: options => (options.TimeoutSeconds, options.MaxRetries) = (0.2, 1));

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => MakeAsync(access));

        Assert.True(StripeFault.MayPass(fault), fault.ToString());
        Assert.Equal("timed_out", StripeFault.CodeOf(fault));
        Assert.Equal(2, stripe.Requests.Count);
    }

    [Fact]
    public async Task Goes_to_the_configured_host_and_nowhere_else()
    {
        var options = new StripeOptions { BaseUrl = "https://api.stripe.com" };
        using var calls = new StripeCalls(new HttpClientHandler(), options, TimeProvider.System, NullLogger.Instance);
        using var http = new HttpMessageInvoker(calls);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://api.stripe.com.example.com/v1/customers");

        await Assert.ThrowsAsync<InvalidOperationException>(() => http.SendAsync(request, Token));
    }

    [Theory]
    [InlineData("sk_test_1234567890", "whsec_123456789", null)]
    [InlineData("", "", null)]
    [InlineData("sk_test_1234567890", "", "nobody would be told")]
    [InlineData("sk_test_1234567890", "secret", "whsec_")]
    public void Settings_that_cannot_be_are_named(string key, string secret, string? expected)
    {
        var options = new StripeOptions { SecretKey = key };
        if (secret.Length > 0)
        {
            options.WebhookSecrets.Add(secret);
        }

        Assert.Contains(expected ?? "", options.FindFault() ?? "", StringComparison.Ordinal);
        Assert.Equal(expected is null, options.FindFault() is null);
    }

    [Fact]
    public void The_smallest_top_up_is_not_over_the_largest() =>
        Assert.NotNull(new StripeOptions { MinTopUpCents = 1000, MaxTopUpCents = 999 }.FindFault());

    [Fact]
    public void The_key_says_which_mode_this_is()
    {
        using var live = Of(new StripeOptions { SecretKey = "rk_live_0123456789" });
        using var none = Of(new StripeOptions());

        Assert.True(live is { IsConfigured: true, IsLive: true });
        Assert.False(none.IsConfigured);
    }

    private static Task<Customer> MakeAsync(StripeAccess access) =>
        access.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "a" }, StripeAccess.Once("one"), Token);

    private static StripeAccess Access(LocalStripeServer stripe, Action<StripeOptions>? configure = null)
    {
        var options = new StripeOptions
        {
            SecretKey = LocalStripeServer.SecretKey, BaseUrl = stripe.Address.OriginalString, MaxRetries = 2, RetryDelaySeconds = 0.01,
        };
        configure?.Invoke(options);
        return Of(options);
    }

    private static StripeAccess Of(StripeOptions options) => new(Options.Create(options), TimeProvider.System, NullLogger<StripeAccess>.Instance);
}
