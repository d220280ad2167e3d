using System.Text.Json.Nodes;
using Platform.Tenants;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The rows of the contract's section 10, one test each, named after them.</summary>
[Collection(Stories.Name)]
public sealed class OperatorStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task POST_tenants_makes_a_tenant_and_shows_its_webhook_secret_once(Mode mode)
    {
        var stage = await stages.OnAsync(mode);

        var made = await stage.Operator.PostAsync("tenants", """
            {"name":"Acme","billing":"postpaid","creditLimit":5000000,"weight":3,
             "limits":{"requestsPerSecond":10,"burst":20,"maxRunning":4,"maxQueued":1000}}
            """);

        Assert.Equal(201, made.Status);
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", (string)made.Json["webhookSecret"]!);
        var shown = await stage.Operator.GetAsync($"tenants/{made.Json["tenantId"]}");
        Assert.Equal("Acme postpaid 5000000 3 False", string.Join(' ',
            shown.Json["name"], shown.Json["billing"], shown.Json["creditLimit"], shown.Json["weight"], (bool)shown.Json["suspended"]!));
        Assert.Equal("""{"requestsPerSecond":10,"burst":20,"maxRunning":4,"maxQueued":1000}""", shown.Json["limits"]!.ToJsonString());
        Assert.False(shown.Json.ContainsKey("webhookSecret"));
        Assert.Equal(
            """{"balance":0,"held":0,"available":5000000,"creditLimit":5000000}""",
            (await stage.Operator.GetAsync($"tenants/{made.Json["tenantId"]}/balance")).Text);
    }

    [Theory]
    [BothModes]
    public async Task GET_tenants_lists_all_newest_first_in_pages_that_stay_true(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            made.Insert(0, await stage.Operator.NewTenantAsync());
        }

        var first = await stage.Operator.GetAsync("tenants?limit=2");
        // A tenant that comes between two pages moves neither of them.
        await stage.Operator.NewTenantAsync();
        var second = await stage.Operator.GetAsync($"tenants?limit=3&cursor={first.Json["nextCursor"]}");

        Listed.Same(made, [.. first.Items.Concat(second.Items).Select(item => (string)item["tenantId"]!)]);
    }

    [Theory]
    [BothModes]
    public async Task PATCH_tenants_changes_only_what_it_names(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync(
            """{"name":"before","billing":"prepaid","weight":2,"limits":{"burst":5,"maxQueued":7}}""");

        var changed = await stage.Operator.PatchAsync($"tenants/{id}", """{"name":"after","limits":{"burst":null,"maxRunning":3}}""");

        Assert.Equal(200, changed.Status);
        Assert.Equal("after 2", $"{changed.Json["name"]} {changed.Json["weight"]}");
        Assert.Equal("""{"maxRunning":3,"maxQueued":7}""", changed.Json["limits"]!.ToJsonString());
        Assert.Equal(
            """{"name": "before", "burst": 5, "maxRunning": null} {"name": "after", "burst": null, "maxRunning": 3}""",
            await stage.AskAsync<string>(
                "select before::text || ' ' || after::text from audit_log where tenant_id = $1 and action = 'tenant.change'", Guid.Parse(id)));
    }

    [Theory]
    [BothModes]
    public async Task PATCH_suspended_refuses_within_five_seconds_and_lifts_again(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        Assert.Equal(200, (await customer.SendAsync(Ping)).Status);

        await stage.Operator.PatchAsync($"tenants/{customer.TenantId}", """{"suspended":true}""");
        await Until.TrueAsync(async () => (await customer.SendAsync(Ping)) is { Status: 403, Code: "accountSuspended" }, seconds: 5);

        await stage.Operator.PatchAsync($"tenants/{customer.TenantId}", """{"suspended":false}""");
        await Until.TrueAsync(async () => (await customer.SendAsync(Ping)).Status == 200, seconds: 5);
    }

    [Theory]
    [BothModes]
    public async Task POST_keys_shows_the_key_once_and_keeps_its_hash(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync();

        var made = await stage.Operator.PostAsync($"tenants/{id}/keys", """{"name":"robot","expiresAt":"2100-01-01T00:00:00Z"}""");

        Assert.Equal(201, made.Status);
        var key = (string)made.Json["key"]!;
        Assert.Matches("^rw_live_[0-9A-Za-z]{32,}_[0-9A-Za-z]{6}$", key);
        Assert.Equal(KeyText.PrefixOf(key), (string)made.Json["prefix"]!);
        Assert.Equal(200, (await new Customer(stage.Address, key).SendAsync(Ping)).Status);
        var row = await stage.AskAsync<string>(
            "select row_to_json(k)::text || row_to_json(a)::text from api_keys k join audit_log a on a.subject = k.prefix where key_id = $1",
            Guid.Parse((string)made.Json["keyId"]!));
        Assert.DoesNotContain(key[^20..], row, StringComparison.Ordinal);
    }

    [Theory]
    [BothModes]
    public async Task GET_keys_lists_prefixes_and_never_a_key(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync();
        var first = await stage.Operator.PostAsync($"tenants/{id}/keys", """{"name":"first"}""");
        var second = await stage.Operator.PostAsync($"tenants/{id}/keys", "{}");

        var list = await stage.Operator.GetAsync($"tenants/{id}/keys");

        Listed.Same(
            [(string)second.Json["prefix"]!, (string)first.Json["prefix"]!], [.. list.Items.Select(item => (string)item["prefix"]!)]);
        Assert.All(list.Items, item => Assert.False(item.ContainsKey("key")));
        Assert.Equal("first", (string?)list.Items[1]["name"]);
    }

    [Theory]
    [BothModes]
    public async Task DELETE_keys_ends_a_key_within_five_seconds_and_may_be_repeated(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        Assert.Equal(200, (await customer.SendAsync(Ping)).Status);
        var keyId = (string)(await stage.Operator.GetAsync($"tenants/{customer.TenantId}/keys")).Items[0]["keyId"]!;

        Assert.Equal(204, (await stage.Operator.DeleteAsync($"keys/{keyId}")).Status);

        await Until.TrueAsync(async () => (await customer.SendAsync(Ping)) is { Status: 401, Code: "invalidApiKey" }, seconds: 5);
        Assert.Equal(204, (await stage.Operator.DeleteAsync($"keys/{keyId}")).Status);
        Assert.Equal((404, "not-found"), await stage.Operator.DeleteAsync($"keys/{Guid.NewGuid()}") is var none ? (none.Status, none.Problem) : default);
        Assert.Equal(1L, await stage.AskAsync<long>(
            "select count(*) from audit_log where tenant_id = $1 and action = 'key.revoke'", customer.TenantId));
    }

    [Theory]
    [BothModes]
    public async Task POST_credits_books_a_reference_once_and_never_goes_below_zero(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var id = await stage.Operator.NewTenantAsync();

        var booked = await stage.Operator.AddAsync(id, 500, "invoice 1");
        var again = await stage.Operator.AddAsync(id, 700, "invoice 1");
        var debit = await stage.Operator.AddAsync(id, -200, "back");
        var tooMuch = await stage.Operator.AddAsync(id, -301, "more");

        Assert.Equal((201, 200, 201, 409), (booked.Status, again.Status, debit.Status, tooMuch.Status));
        Assert.Equal(booked.Json["entryId"]!.ToJsonString(), again.Json["entryId"]!.ToJsonString());
        Assert.Equal("500 -200 300", $"{again.Json["amount"]} {debit.Json["amount"]} {debit.Json["balanceAfter"]}");
        Assert.Equal("insufficient-credit", tooMuch.Problem);
        Assert.Equal("credits.credit credits.debit credits.add.refused", await stage.AskAsync<string>(
            "select string_agg(action, ' ' order by audit_id) from audit_log where tenant_id = $1 and action like 'credits%'", Guid.Parse(id)));
    }

    [Theory]
    [BothModes]
    public async Task GET_balance_is_what_there_is_what_is_held_and_what_is_left(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync(credit: 1000);
        await customer.SpeakAsync(Ask.ForSpeech());

        var balance = await stage.Operator.GetAsync($"tenants/{customer.TenantId}/balance");

        Assert.Equal("""{"balance":900,"held":0,"available":900,"creditLimit":0}""", balance.Text);
    }

    [Theory]
    [BothModes]
    public async Task GET_ledger_shows_the_entries_newest_first_by_pages_and_by_time(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync(credit: 1000);
        var item = (await customer.SpeakAsync(Ask.ForSpeech()))[0];
        var path = $"tenants/{customer.TenantId}/ledger";

        var all = await stage.Operator.GetAsync(path);

        Listed.Same(["capture -100 900", "hold -100 1000", "credit 1000 1000"], [.. all.Items.Select(
            entry => $"{entry["kind"]} {entry["amount"]} {entry["balanceAfter"]}")]);
        Assert.Equal((string?)item["audioUUID"], (string?)all.Items[0]["audioUUID"]);
        Assert.Equal((string?)item["taskUUID"], (string?)all.Items[1]["taskUUID"]);
        Assert.Equal("opening a story", $"{all.Items[2]["reference"]} {all.Items[2]["reason"]}");
        var page = await stage.Operator.GetAsync($"{path}?limit=2");
        var next = await stage.Operator.GetAsync($"{path}?limit=2&cursor={page.Json["nextCursor"]}");
        Assert.Equal((2, 1, null), (page.Items.Length, next.Items.Length, next.Json["nextCursor"]));
        var capture = (string)all.Items[0]["at"]!;
        Assert.Equal("credit hold", string.Join(' ',
            (await stage.Operator.GetAsync($"{path}?to={capture}")).Items.Reverse().Select(entry => entry["kind"])));
        Assert.Equal("capture", (string?)Assert.Single((await stage.Operator.GetAsync($"{path}?from={capture}")).Items)["kind"]);
    }

    [Theory]
    [BothModes]
    public async Task POST_webhook_secret_rotate_gives_a_new_one_and_lets_the_old_one_sign_for_a_day(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var made = await stage.Operator.PostAsync("tenants", """{"name":"rotating","billing":"prepaid"}""");
        var id = (string)made.Json["tenantId"]!;

        var rotated = await stage.Operator.PostAsync($"tenants/{id}/webhook-secret/rotate", "");

        Assert.Equal(200, rotated.Status);
        Assert.NotEqual(made.Json["webhookSecret"]!.ToJsonString(), rotated.Json["webhookSecret"]!.ToJsonString(), StringComparer.Ordinal);
        Assert.Equal($"{rotated.Json["webhookSecret"]} true|{made.Json["webhookSecret"]} false", await stage.AskAsync<string>(
            """
            select string_agg(secret || ' ' || (signs_until is null), '|' order by created_at desc) from webhook_secrets
             where tenant_id = $1 and (signs_until is null or signs_until between now() + interval '23 hours' and now() + interval '25 hours')
            """,
            Guid.Parse(id)));
        Assert.DoesNotContain("whsec_", await stage.AskAsync<string>(
            "select string_agg(row_to_json(a)::text, '') from audit_log a where tenant_id = $1", Guid.Parse(id)), StringComparison.Ordinal);
    }

    private static JsonObject Ping => new() { ["taskType"] = "ping", ["ping"] = true };
}
