using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What the document promises and what is served are the same.</summary>
[Collection(Stories.Name)]
public sealed class ReferenceStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task Every_documented_address_is_served_and_says_who_may_call_it(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var document = (await stage.Operator.With(null).GetAsync("/openapi/v1.json")).Json;

        foreach (var (path, methods) in document["paths"]!.AsObject().Where(one => one.Key.StartsWith("/admin", StringComparison.Ordinal)
            || one.Key is "/v1/balance" or "/v1/ledger" or "/v1/costs" or "/v1/tasks"))
        {
            foreach (var (method, _) in methods!.AsObject())
            {
                var real = path.Replace("{id}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
                    .Replace("{keyId}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
                var anybody = await stage.Operator.With(null).SendAsync(new HttpMethod(method.ToUpperInvariant()), real, method == "get" ? null : "{}");
                Assert.True(anybody.Status == 401, $"{method} {path}: {anybody.Status}");
                var known = await stage.Operator.SendAsync(new HttpMethod(method.ToUpperInvariant()), real, method == "get" ? null : "{}");
                Assert.DoesNotContain("no such address", known.Text, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [BothModes]
    public async Task Answers_have_the_fields_that_the_document_names(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var document = (await stage.Operator.With(null).GetAsync("/openapi/v1.json")).Json;
        var customer = await stage.Operator.NewCustomerAsync();
        await customer.SpeakAsync(Ask.ForSpeech());
        var own = new Operator(stage.Address, customer.Key);

        foreach (var (schema, answer) in new (string, Answer)[]
        {
            ("TenantPage", await stage.Operator.GetAsync("tenants?limit=1")),
            ("Tenant", await stage.Operator.GetAsync($"tenants/{customer.TenantId}")),
            ("KeyPage", await stage.Operator.GetAsync($"tenants/{customer.TenantId}/keys")),
            ("Balance", await own.GetAsync("/v1/balance")),
            ("LedgerEntryPage", await own.GetAsync("/v1/ledger")),
            ("TaskPage", await own.GetAsync("/v1/tasks")),
            ("Costs", await own.GetAsync("/v1/costs")),
            ("Costs", await own.GetAsync("/v1/costs?groupBy=day")),
            ("RotatedSecret", await stage.Operator.PostAsync($"tenants/{customer.TenantId}/webhook-secret/rotate", "")),
            ("Problem", await stage.Operator.GetAsync("tenants?limit=x")),
            ("Errors", await own.GetAsync("/v1/balance?x=1")),
        })
        {
            var described = document["components"]!["schemas"]![schema]!.DeepClone();
            described["definitions"] = document["components"]!["schemas"]!.DeepClone();
            var compiled = await NJsonSchema.JsonSchema.FromJsonAsync(
                described.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal),
                TestContext.Current.CancellationToken);
            Assert.True(compiled.Validate(answer.Text) is { Count: 0 }, $"{schema}: {answer.Text}: {string.Join("; ", compiled.Validate(answer.Text))}");
        }
    }

    [Theory]
    [BothModes]
    public async Task The_reference_page_and_the_page_of_problems_are_there(Mode mode)
    {
        var anybody = (await stages.OnAsync(mode)).Operator.With(null);

        Assert.Equal((200, "text/html"), await anybody.GetAsync("/docs/api") is var page ? (page.Status, page.ContentType) : default);
        Assert.Contains("id=\"insufficient-credit\"", (await anybody.GetAsync("/docs/problems")).Text, StringComparison.Ordinal);
    }
}
