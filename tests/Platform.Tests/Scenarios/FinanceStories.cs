using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What operators do with money over HTTP, and what finance gets of it.</summary>
[Collection(Stories.Name)]
public sealed class FinanceStories(Stages stages)
{
    private static string Month => TimeProvider.System.GetUtcNow().ToString("yyyy-MM", CultureInfo.InvariantCulture);

    [Theory]
    [BothModes]
    public async Task A_refund_is_a_row_of_its_own_and_the_sum_of_the_csv_is_what_the_balance_lost(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync(credit: 10_000);
        var items = await customer.SpeakAsync(Ask.ForSpeech("Good morning.", """{"numberResults":3}"""));
        var path = $"tenants/{customer.TenantId}/refunds";

        var one = await stage.Operator.PostAsync(
            path, $$"""{"audioUUID":"{{items[0]["audioUUID"]}}","reason":"crackles","reference":"r-1"}""");
        var again = await stage.Operator.PostAsync(
            path, $$"""{"audioUUID":"{{items[0]["audioUUID"]}}","reason":"crackles","reference":"r-1"}""");
        var rest = await stage.Operator.PostAsync(
            path, $$"""{"taskUUID":"{{items[0]["taskUUID"]}}","reason":"all of it","reference":"r-2"}""");
        var more = await stage.Operator.PostAsync(
            path, $$"""{"taskUUID":"{{items[0]["taskUUID"]}}","reason":"more","reference":"r-3"}""");

        Assert.Equal((201, 100L), (one.Status, (long)one.Json["amount"]!));
        Assert.Equal((200, one.Json["entries"]!.ToJsonString()), (again.Status, again.Json["entries"]!.ToJsonString()));
        Assert.Equal((201, 200L), (rest.Status, (long)rest.Json["amount"]!));
        Assert.Equal((409, "already-refunded"), (more.Status, more.Problem));
        var rows = (await stage.Operator.GetAsync($"costs?tenant={customer.TenantId}")).Items;
        Listed.Same(["succeeded", "succeeded", "succeeded", "refunded", "refunded", "refunded"], rows.Select(row => (string?)row["state"]));
        Assert.Equal(0, rows.Sum(row => (long)row["amountMicroUsd"]!));
        Assert.Equal(10_000, (long)(await stage.Operator.GetAsync($"tenants/{customer.TenantId}/balance")).Json["balance"]!);
        var csv = await stage.Operator.GetAsync($"costs?tenant={customer.TenantId}&format=csv");
        Assert.Equal(0, csv.Text.TrimEnd().Split("\r\n")[1..].Sum(line => long.Parse(line.Split(',')[10], CultureInfo.InvariantCulture)));
    }

    [Theory]
    [BothModes]
    public async Task FOCUS_has_the_same_costs_in_dollars_under_its_own_names(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        await customer.SpeakAsync(Ask.ForSpeech("Good morning.", """{"numberResults":2}"""));

        var focus = await stage.Operator.GetAsync($"costs?tenant={customer.TenantId}&format=focus");

        var lines = focus.Text.TrimEnd().Split("\r\n").Select(line => line.Split(',')).ToList();
        Assert.Equal(3, lines.Count);
        var row = lines[0].Zip(lines[1]).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        Assert.Equal("0.0001 USD Usage Usage-Based 13 Characters 2020-01-01", string.Join(' ', new[]
        {
            "BilledCost", "BillingCurrency", "ChargeCategory", "ChargeFrequency", "ConsumedQuantity", "ConsumedUnit", "SkuPriceId",
        }.Select(name => row[name])));
        Assert.Equal($"{Month}-01T00:00:00.000000Z", row["BillingPeriodStart"]);
        Assert.Equal("alibaba:qwen@3-tts-1.7b-customvoice", row["ServiceName"]);
        var refused = await stage.Operator.GetAsync("costs?format=focus&groupBy=day");
        Assert.Equal((400, "groupBy"), (refused.Status, refused.Faults));
        Assert.Equal(200, (await stage.Operator.With(customer.Key).GetAsync("/v1/costs?format=focus")).Status);
    }

    [Theory]
    [BothModes]
    public async Task A_statement_is_the_same_for_the_operator_and_the_tenant_in_every_format(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync(credit: 10_000);
        await customer.SpeakAsync(Ask.ForSpeech("Good morning.", """{"numberResults":2}"""));
        var own = stage.Operator.With(customer.Key);

        var json = await stage.Operator.GetAsync($"tenants/{customer.TenantId}/statement?month={Month}");

        Assert.Equal((0L, 9_800L), ((long)json.Json["openingMicroUsd"]!, (long)json.Json["closingMicroUsd"]!));
        Assert.Equal(9_800, json.Json["lines"]!.AsArray().Sum(line => (long)line!["amountMicroUsd"]!));
        Assert.Equal(json.Json["lines"]!.ToJsonString(), (await own.GetAsync($"/v1/statement?month={Month}")).Json["lines"]!.ToJsonString());
        var csv = await own.GetAsync($"/v1/statement?month={Month}&format=csv");
        Assert.Equal(("text/csv", 5), (csv.ContentType, csv.Text.TrimEnd().Split("\r\n").Length));
        var page = await own.GetAsync($"/v1/statement?month={Month}&format=html");
        Assert.Equal("text/html", page.ContentType);
        Assert.Contains("Balance at the end", page.Text, StringComparison.Ordinal);
        var bad = await stage.Operator.GetAsync($"tenants/{customer.TenantId}/statement?month=2026-13");
        Assert.Equal((400, "month"), (bad.Status, bad.Faults));
        Assert.Equal("invalidMonth", (string?)(await own.GetAsync("/v1/statement")).Json["errors"]![0]!["code"]);
        Assert.Equal(404, (await stage.Operator.GetAsync($"tenants/{Guid.NewGuid()}/statement?month={Month}")).Status);
    }

    [Theory]
    [BothModes]
    public async Task A_grant_expires_and_an_adjustment_corrects(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync();
        var end = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O", CultureInfo.InvariantCulture);

        var granted = await stage.Operator.PostAsync(
            $"tenants/{id}/grants", $$"""{"amount":500,"expiresAt":"{{end}}","reason":"welcome","reference":"g-1"}""");
        var adjusted = await stage.Operator.PostAsync($"tenants/{id}/adjustments", """{"amount":-200,"reason":"a mistake","reference":"a-1"}""");

        Assert.Equal((201, "credit", 500L), (granted.Status, (string?)granted.Json["kind"], (long)granted.Json["amount"]!));
        Assert.Equal((201, "adjustment", -200L, 300L),
            (adjusted.Status, (string?)adjusted.Json["kind"], (long)adjusted.Json["amount"]!, (long)adjusted.Json["balanceAfter"]!));
        var grant = Assert.Single((await stage.Operator.GetAsync($"tenants/{id}/grants")).Items);
        Assert.Equal("g-1 500", $"{grant["reference"]} {grant["amount"]}");
        var tooMuch = await stage.Operator.PostAsync($"tenants/{id}/adjustments", """{"amount":-301,"reason":"too much","reference":"a-2"}""");
        Assert.Equal((409, "insufficient-credit"), (tooMuch.Status, tooMuch.Problem));
        Assert.Equal(300, (long)(await stage.Operator.GetAsync($"tenants/{id}/balance")).Json["balance"]!);
    }

    [Theory]
    [BothModes("credits", """{"amount":0,"reason":"r","reference":"x"}""", 400)]
    [BothModes("credits", """{"amount":9007199254740993,"reason":"r","reference":"x"}""", 400)]
    [BothModes("credits", """{"amount":-1,"reason":"r","reference":"x"}""", 409)]
    [BothModes("adjustments", """{"amount":0.5,"reason":"r","reference":"x"}""", 400)]
    [BothModes("grants", """{"amount":-5,"expiresAt":"2100-01-01","reason":"r","reference":"x"}""", 400)]
    [BothModes("grants", """{"amount":5,"expiresAt":"2020-01-01","reason":"r","reference":"x"}""", 400)]
    [BothModes("refunds", """{"reason":"r","reference":"x"}""", 400)]
    [BothModes("refunds", """{"taskUUID":"2c5c1b04-6c1b-4a7a-9d5e-5f2f0d0b1a11","reason":"r","reference":"x"}""", 404)]
    [BothModes("credits", "[]", 400)]
    public async Task What_is_refused_is_audited_and_moves_nothing(Mode mode, string what, string body, int status)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync();

        var refused = await stage.Operator.PostAsync($"tenants/{id}/{what}", body);

        Assert.Equal(status, refused.Status);
        Assert.Empty((await stage.Operator.GetAsync($"tenants/{id}/ledger")).Items);
        var record = (await stage.Operator.GetAsync($"audit?tenant={id}&action=credits.")).Items.Single();
        Assert.EndsWith(".refused", (string)record["action"]!, StringComparison.Ordinal);
        Assert.StartsWith("admin ", (string)record["actor"]!, StringComparison.Ordinal);
        Assert.NotEmpty((string)record["after"]!["why"]!);
    }

    [Theory]
    [BothModes]
    public async Task Money_for_a_tenant_that_does_not_exist_is_refused_and_audited(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var nobody = Guid.NewGuid();

        foreach (var what in new[] { "credits", "adjustments" })
        {
            Assert.Equal(404, (await stage.Operator.PostAsync($"tenants/{nobody}/{what}", """{"amount":5,"reason":"r","reference":"x"}""")).Status);
        }

        Assert.Equal(2, (await stage.Operator.GetAsync($"audit?tenant={nobody}")).Items.Length);
    }

    [Theory]
    [BothModes]
    public async Task A_tenants_own_price_holds_for_its_next_tasks_and_not_for_those_before(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        const string model = "alibaba:qwen@3-tts-1.7b-customvoice";
        await customer.SpeakAsync(Ask.ForSpeech());

        var set = await stage.Operator.PostAsync($"tenants/{customer.TenantId}/prices",
            $$$"""{"model":"{{{model}}}","price":{"unit":"result","microUsdPerMillion":7000000000,"stepMicroUsd":1,"minimumMicroUsd":1}}""");

        Assert.Equal(201, set.Status);
        var item = await Until.FoundAsync(async () =>
        {
            var spoken = (await customer.SpeakAsync(Ask.ForSpeech(more: """{"includeCost":true}""")))[0];
            return (decimal)spoken["cost"]! == 0.007m ? spoken : null;
        });
        Assert.NotNull(item);
        var rows = (await stage.Operator.GetAsync($"costs?tenant={customer.TenantId}")).Items;
        Assert.Equal("character 2020-01-01", $"{rows[0]["unit"]} {rows[0]["priceVersion"]}");
        Assert.Equal($"result {set.Json["version"]} 1 7000 7000",
            $"{rows[^1]["unit"]} {rows[^1]["priceVersion"]} {rows[^1]["units"]} {rows[^1]["unitPriceMicroUsd"]} {rows[^1]["amountMicroUsd"]}");
        var listed = await stage.Operator.GetAsync($"tenants/{customer.TenantId}/prices");
        Assert.Contains(listed.Items, one => (string?)one["version"] == (string?)set.Json["version"]);
        var bad = await stage.Operator.PostAsync(
            $"tenants/{customer.TenantId}/prices", """{"model":"no:such@1","from":"2020-01-01","price":{"unit":"byte"}}""");
        Assert.Equal((400, "/model /from /price /price"), (bad.Status, bad.Faults));
    }

    [Theory]
    [BothModes]
    public async Task Reconciliations_are_made_listed_and_shown_in_every_format(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        await customer.SpeakAsync(Ask.ForSpeech());

        var made = await stage.Operator.PostAsync("reconciliations", "{}");

        Assert.Equal(201, made.Status);
        Assert.Equal(0, (int)made.Json["failedChecks"]!);
        Assert.DoesNotContain(made.Json["checks"]!.AsArray().SelectMany(check => check!["differences"]!.AsArray()),
            one => (string?)one!["tenantId"] == customer.TenantId.ToString());
        var id = (string)made.Json["reconciliationId"]!;
        Assert.Contains((await stage.Operator.GetAsync("reconciliations")).Items, line => (string?)line["reconciliationId"] == id);
        Assert.Equal("text/html", (await stage.Operator.GetAsync($"reconciliations/{id}?format=html")).ContentType);
        Assert.StartsWith("check,kind,", (await stage.Operator.GetAsync($"reconciliations/{id}?format=csv")).Text, StringComparison.Ordinal);
        Assert.Equal(id, (string?)(await stage.Operator.GetAsync($"reconciliations/{id}")).Json["reconciliationId"]);
        Assert.Equal(404, (await stage.Operator.GetAsync($"reconciliations/{Guid.NewGuid()}")).Status);
        var bad = await stage.Operator.PostAsync("reconciliations", """{"from":"2026-02-01","to":"2026-01-01"}""");
        Assert.Equal((400, "/to"), (bad.Status, bad.Faults));
    }

    [Theory]
    [BothModes]
    public async Task Every_change_by_an_operator_leaves_a_record_of_who_and_what(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync();
        var key = (await stage.Operator.PostAsync($"tenants/{id}/keys", """{"name":"k"}""")).Json["keyId"];
        await stage.Operator.PatchAsync($"tenants/{id}", """{"weight":5}""");
        await stage.Operator.AddAsync(id, 1000, "in");
        await stage.Operator.AddAsync(id, -10, "out");
        await stage.Operator.PostAsync($"tenants/{id}/adjustments", """{"amount":5,"reason":"r","reference":"adjusted"}""");
        await stage.Operator.PostAsync($"tenants/{id}/grants", """{"amount":5,"expiresAt":"2100-01-01","reason":"r","reference":"granted"}""");
        await stage.Operator.PostAsync($"tenants/{id}/prices", """{"model":"alibaba:qwen@3-tts-1.7b-base","bookPrice":true}""");
        await stage.Operator.PostAsync($"tenants/{id}/webhook-secret/rotate", "");
        await stage.Operator.PostAsync($"tenants/{id}/webhooks/replay", "{}");
        await stage.Operator.PostAsync($"tenants/{id}/rebuild", "");
        await stage.Operator.DeleteAsync($"keys/{key}");

        var records = (await stage.Operator.GetAsync($"audit?tenant={id}&limit=100")).Items;

        Listed.Same(
            ["tenant.create", "key.create", "tenant.change", "credits.credit", "credits.debit", "credits.adjustment", "credits.grant", "price.set",
                "webhookSecret.rotate", "webhooks.replay", "account.rebuild", "key.revoke"],
            [.. Enumerable.Reverse(records).Select(record => (string)record["action"]!)]);
        Assert.All(records, record => Assert.StartsWith("admin ", (string)record["actor"]!, StringComparison.Ordinal));
        Assert.Equal("""{"weight":1} {"weight":5}""", string.Join(' ', records.Where(record => (string?)record["action"] == "tenant.change")
            .Select(record => $"{record["before"]!.ToJsonString()} {record["after"]!.ToJsonString()}")));
        var page = await stage.Operator.GetAsync($"audit?tenant={id}&limit=2");
        var next = await stage.Operator.GetAsync($"audit?tenant={id}&limit=2&cursor={page.Json["nextCursor"]}");
        Listed.Same(records[..4].Select(Id), page.Items.Concat(next.Items).Select(Id));

        static string Id(JsonObject record) => record["auditId"]!.ToJsonString();
    }
}
