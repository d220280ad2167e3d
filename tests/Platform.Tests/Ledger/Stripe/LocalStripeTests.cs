using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Platform.Ledger.Stripe;
using Platform.LocalStripe;
using Platform.Tests.Layout;
using Xunit;

namespace Platform.Tests.Ledger.Stripe;

/// <summary>The Stripe that the tests play with is as strict as the real one where it matters.</summary>
public sealed class LocalStripeTests
{
    private const string Payment = "amount=500&currency=usd&customer=cus_1";

    private static readonly HttpClient Http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/payment_intents", "amount=500", "Missing required param: currency.")]
    [InlineData("/v1/payment_intents", Payment + "&colour=red", "Received unknown parameter: colour")]
    [InlineData("/v1/payment_intents", Payment + "&metadata[a][b]=1&pay[x]=1", "Received unknown parameter: pay[x]")]
    [InlineData("/v1/payment_links", Payment, "Unrecognized request URL (POST: /v1/payment_links).")]
    [InlineData("/v1/billing/meter_events", "event_name=a&payload[value]=1", "Missing required param: payload[stripe_customer_id].")]
    public async Task A_request_of_another_shape_is_refused_and_written_down(string path, string form, string message)
    {
        await using var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);

        var (status, answer) = await PostAsync(stripe, path, form);

        Assert.InRange((int)status, 400, 404);
        Assert.Equal(message, (string)answer["error"]!["message"]!);
        Assert.Equal([message], stripe.Violations, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_key_is_one_effect_and_refused_with_other_parameters()
    {
        await using var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);

        var first = await PostAsync(stripe, "/v1/customers", "name=a");
        var again = await PostAsync(stripe, "/v1/customers", "name=a");
        var other = await PostAsync(stripe, "/v1/customers", "name=b");

        Assert.Equal((string)first.Answer["id"]!, (string)again.Answer["id"]!);
        Assert.Equal("idempotency_error", (string)other.Answer["error"]!["type"]!);
        Assert.Single(stripe.Account.List("customer", new Form("")));
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("Stripe-Version")]
    [InlineData("Idempotency-Key")]
    public async Task A_request_without_its_headers_is_refused(string missing)
    {
        await using var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);

        Assert.InRange((int)(await PostAsync(stripe, "/v1/customers", "name=a", missing)).Status, 400, 401);
        Assert.Single(stripe.Violations);
    }

    [Fact]
    public async Task A_body_that_is_no_form_is_refused()
    {
        await using var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(stripe, "/v1/customers", "{}", contentType: "application/json")).Status);
    }

    [Fact]
    public void A_field_that_Stripes_samples_lack_is_a_mistake_of_ours() =>
        Assert.Throws<ArgumentException>(() => Shapes.Make("payment_intent", ("amount_recieved", 5)));

    [Fact]
    public async Task The_page_on_billing_names_every_event_that_an_endpoint_has_to_send()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(SourceTree.Current.Root, "docs/billing.md"), Token);

        Assert.All(ApplyEvents.Types, type => Assert.Contains($"`{type}`", page, StringComparison.Ordinal));
    }

    private static async Task<(HttpStatusCode Status, JsonObject Answer)> PostAsync(
        LocalStripeServer stripe, string path, string form, string? missing = null, string contentType = "application/x-www-form-urlencoded")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(stripe.Address, path)) { Content = new StringContent(form) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", LocalStripeServer.SecretKey);
        request.Headers.Add("Stripe-Version", LocalStripeServer.Version);
        request.Headers.Add("Idempotency-Key", "one");
        if (missing is not null)
        {
            request.Headers.Remove(missing);
        }

        using var response = await Http.SendAsync(request, Token);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!.AsObject());
    }
}
