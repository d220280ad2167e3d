using System.Text;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What the operator surface refuses, and that it says everything at once.</summary>
[Collection(Stories.Name)]
public sealed class OperatorBadInputStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task Without_the_admin_key_nothing_is_told_not_even_what_there_is(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();

        foreach (var path in new[] { "tenants", "costs", $"tenants/{customer.TenantId}", "no-such-thing" })
        {
            Assert.Equal((401, "missing-admin-key"), await stage.Operator.With(null).GetAsync(path) is var none ? (none.Status, none.Problem) : default);
            Assert.Equal((401, "invalid-admin-key"),
                await stage.Operator.With(stage.AdminKey + "x").GetAsync(path) is var wrong ? (wrong.Status, wrong.Problem) : default);
            Assert.Equal(401, (await stage.Operator.With(customer.Key).GetAsync(path)).Status);
        }
    }

    [Theory]
    [BothModes("""{}""", "/name /billing")]
    [BothModes("""{"name":"","billing":"free","weight":0,"creditLimit":-1}""", "/name /billing /creditLimit /weight")]
    [BothModes("""{"name":7,"billing":null,"weight":"1","creditLimit":1.5,"limits":[]}""", "/name /billing /creditLimit /weight /limits")]
    [BothModes("""{"name":"a","billing":"prepaid","limits":{"burst":0,"maxRunning":1e9,"speed":1},"colour":"red"}""",
        "/limits/burst /limits/maxRunning /limits/speed /colour")]
    [BothModes("""{"name":"a\u0000b","billing":"prepaid","creditLimit":1}""", "/name /creditLimit")]
    [BothModes("""{"name":"\ud800","billing":"prepaid"}""", "/name")]
    public async Task All_that_is_wrong_with_a_tenant_is_told_at_once(Mode mode, string body, string faults)
    {
        var refused = await (await stages.OnAsync(mode)).Operator.PostAsync("tenants", body);

        Assert.Equal((400, "invalid-fields"), (refused.Status, refused.Problem));
        Assert.Equal(faults, refused.Faults);
    }

    [Theory]
    [BothModes("""{"amount":0,"reason":"r","reference":"x"}""", "/amount")]
    [BothModes("""{"amount":1.0,"reason":"r","reference":"x"}""", "/amount")]
    [BothModes("""{"amount":"5","reason":"","reference":" "}""", "/amount /reason /reference")]
    [BothModes("""{"amount":1000000000000001,"reason":"r","reference":"x","currency":"EUR"}""", "/amount /currency")]
    [BothModes("""{"amount":1e999,"reason":"r"}""", "/amount /reference")]
    public async Task Amounts_that_are_no_whole_micro_usd_move_nothing(Mode mode, string body, string faults)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync();

        var refused = await stage.Operator.PostAsync($"tenants/{id}/credits", body);

        Assert.Equal((400, faults), (refused.Status, refused.Faults));
        Assert.Empty((await stage.Operator.GetAsync($"tenants/{id}/ledger")).Items);
    }

    [Theory]
    [BothModes("{", "invalid-json", 400)]
    [BothModes("[]", "invalid-json", 400)]
    [BothModes("", "invalid-json", 400)]
    [BothModes("""{"name":"a","name":"b","billing":"prepaid"}""", "invalid-json", 400)]
    [BothModes(null, "body-too-large", 413)]
    public async Task What_is_no_small_JSON_object_is_a_problem_of_its_own(Mode mode, string? body, string problem, int status)
    {
        var refused = await (await stages.OnAsync(mode)).Operator.PostAsync(
            "tenants", body ?? $$"""{"name":"{{new string('a', 70_000)}}"}""");

        Assert.Equal((status, problem), (refused.Status, refused.Problem));
    }

    [Theory]
    [BothModes("tenants?limit=0", "limit")]
    [BothModes("tenants?limit=501&cursor=abc&form=2026-01-01", "cursor limit form")]
    [BothModes("costs?from=yesterday&to=2026-13-01&tenant=7&groupBy=week&format=xml", "from to tenant groupBy format")]
    [BothModes("costs?from=2026-02-01&to=2026-01-01", "to")]
    [BothModes("tenants?limit=5&limit=6", "limit")]
    [BothModes("audit?action=%00&actor=a%0ab", "action actor")]
    public async Task All_that_is_wrong_with_a_query_is_told_at_once(Mode mode, string path, string faults)
    {
        var refused = await (await stages.OnAsync(mode)).Operator.GetAsync(path);

        Assert.Equal((400, faults), (refused.Status, refused.Faults));
    }

    [Theory]
    [BothModes]
    public async Task A_cursor_that_was_changed_or_is_of_another_list_is_refused(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync();
        await stage.Operator.NewTenantAsync();
        var cursor = (string)(await stage.Operator.GetAsync("tenants?limit=1")).Json["nextCursor"]!;

        for (var i = 0; i < cursor.Length; i++)
        {
            var changed = new StringBuilder(cursor) { [i] = cursor[i] == 'A' ? 'B' : 'A' };
            Assert.Equal(400, (await stage.Operator.GetAsync($"tenants?cursor={changed}")).Status);
        }

        Assert.Equal(400, (await stage.Operator.GetAsync($"tenants?cursor={cursor}AAAA")).Status);
        Assert.Equal(400, (await stage.Operator.GetAsync($"tenants/{id}/ledger?cursor={cursor}")).Status);
    }

    [Theory]
    [BothModes("GET", "tenants/ID")]
    [BothModes("GET", "tenants/ID/balance")]
    [BothModes("GET", "tenants/ID/ledger")]
    [BothModes("GET", "tenants/ID/keys")]
    [BothModes("PATCH", "tenants/ID")]
    [BothModes("POST", "tenants/ID/keys")]
    [BothModes("POST", "tenants/ID/credits")]
    [BothModes("POST", "tenants/ID/webhook-secret/rotate")]
    [BothModes("PUT", "tenants")]
    [BothModes("GET", "nothing")]
    public async Task What_does_not_exist_is_not_found_whatever_is_wanted_of_it(Mode mode, string method, string path)
    {
        var stage = await stages.OnAsync(mode);
        var body = path.EndsWith("credits", StringComparison.Ordinal) ? """{"amount":1,"reason":"r","reference":"x"}""" : "{}";

        foreach (var id in new[] { Guid.NewGuid().ToString(), "7", "a%20b" })
        {
            var missing = await stage.Operator.SendAsync(
                new HttpMethod(method), path.Replace("ID", id, StringComparison.Ordinal), method == "GET" ? null : body);
            Assert.Equal((404, "not-found"), (missing.Status, missing.Problem));
        }
    }

    [Theory]
    [BothModes]
    public async Task A_credit_limit_is_for_postpaid_tenants_and_not_below_what_they_owe(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync("""{"name":"p","billing":"postpaid","creditLimit":1000}""");
        Assert.Equal(201, (await stage.Operator.AddAsync(id, -600, "owed")).Status);

        Assert.Equal("/creditLimit", (await stage.Operator.PatchAsync($"tenants/{id}", """{"billing":"prepaid"}""")).Faults);
        Assert.Equal("credit-limit-in-use", (await stage.Operator.PatchAsync($"tenants/{id}", """{"creditLimit":599}""")).Problem);
        Assert.Equal(200, (await stage.Operator.PatchAsync($"tenants/{id}", """{"creditLimit":600}""")).Status);
        Assert.Equal("""{"balance":-600,"held":0,"available":0,"creditLimit":600}""",
            (await stage.Operator.GetAsync($"tenants/{id}/balance")).Text);
    }

    [Theory]
    [BothModes]
    public async Task A_key_cannot_be_made_to_end_in_the_past(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync();

        Assert.Equal("/expiresAt", (await stage.Operator.PostAsync($"tenants/{id}/keys", """{"expiresAt":"2020-01-01"}""")).Faults);
        Assert.Equal("/expiresAt", (await stage.Operator.PostAsync($"tenants/{id}/keys", """{"expiresAt":"tomorrow"}""")).Faults);
        Assert.Empty((await stage.Operator.GetAsync($"tenants/{id}/keys")).Items);
    }
}
