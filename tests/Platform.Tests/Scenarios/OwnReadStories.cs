using System.Text.Json.Nodes;
using Npgsql;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What a tenant reads about itself, and that it is all that it can read.</summary>
[Collection(Stories.Name)]
public sealed class OwnReadStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task GET_v1_balance_ledger_and_costs_show_what_operators_see(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        await customer.SpeakAsync(Ask.ForSpeech());
        var own = Own(customer);

        foreach (var (mine, theirs) in new[]
        {
            ("balance", $"tenants/{customer.TenantId}/balance"),
            ("ledger?limit=2", $"tenants/{customer.TenantId}/ledger?limit=2"),
            ("costs", $"costs?tenant={customer.TenantId}"),
            ("costs?groupBy=key&format=csv", $"costs?tenant={customer.TenantId}&groupBy=key&format=csv"),
        })
        {
            var answer = await own.GetAsync("/v1/" + mine);
            Assert.Equal(200, answer.Status);
            Assert.Equal((await stage.Operator.GetAsync(theirs)).Text, answer.Text);
        }
    }

    [Fact]
    public async Task A_list_that_takes_too_long_says_how_to_shorten_it()
    {
        var stage = await stages.OnAsync(Mode.Distributed);
        var customer = await stage.NewCustomerAsync();
        await using var source = NpgsqlDataSource.Create(stage.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var lockIt = new NpgsqlCommand("lock table webhooks in access exclusive mode", connection);
        await lockIt.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var answer = await Own(customer).GetAsync("/v1/webhooks?limit=1");

        Assert.Equal(503, answer.Status);
        Assert.Contains("Narrow it", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [BothModes]
    public async Task Own_reads_are_limited_by_themselves_with_429_and_its_headers(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        using var refused = await Until.FoundAsync(async () =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => customer.GetAsync("v1/balance", change: request =>
                request.Headers.Authorization = new("Bearer", customer.Key))));
            Assert.All(answers, answer => Assert.StartsWith(
                "\"reads\";q=60;w=3", Assert.Single(answer.Headers.GetValues("RateLimit-Policy")), StringComparison.Ordinal));
            return answers.FirstOrDefault(static answer => (int)answer.StatusCode == 429);
        });

        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 2);
        var error = JsonNode.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["errors"]![0]!;
        Assert.Equal("rateLimitExceeded", (string?)error["code"]);
        Assert.Equal(200, (await customer.SendAsync("""[{"taskType":"modelSearch","taskUUID":"4a9082fd-1865-4261-a0bc-c6cfe96001fc"}]""")).Status);
    }

    [Theory]
    [BothModes]
    public async Task GET_v1_tasks_lists_by_state_model_and_time(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        var tasks = Enumerable.Range(0, 3).Select(_ => Ask.ForSpeech(more: """{"numberResults":2}""")).ToList();
        foreach (var task in tasks)
        {
            await customer.SpeakAsync(task);
        }

        var own = Own(customer);
        var all = (await own.GetAsync("/v1/tasks")).Items;

        Listed.Same(tasks.Select(Ask.UuidOf).Reverse(), all.Select(task => (string?)task["taskUUID"]));
        Assert.Equal("audioInference succeeded 2 2 200", string.Join(' ',
            new[] { "taskType", "state", "numberResults", "finishedResults", "amountMicroUsd" }.Select(name => all[0][name])));
        var first = await own.GetAsync("/v1/tasks?limit=2");
        Assert.Single((await own.GetAsync($"/v1/tasks?limit=2&cursor={first.Json["nextCursor"]}")).Items);
        Assert.Equal(3, (await own.GetAsync($"/v1/tasks?state=succeeded&model={Uri.EscapeDataString(Ask.Air)}")).Items.Length);
        Assert.Empty((await own.GetAsync("/v1/tasks?state=failed")).Items);
        Assert.Empty((await own.GetAsync("/v1/tasks?state=pending")).Items);
        Assert.Empty((await own.GetAsync("/v1/tasks?model=other")).Items);
        Assert.Equal(2, (await own.GetAsync($"/v1/tasks?from={all[1]["acceptedAt"]}")).Items.Length);
        Assert.Single((await own.GetAsync($"/v1/tasks?to={all[1]["acceptedAt"]}")).Items);
    }

    [Theory]
    [BothModes]
    public async Task GET_v1_tasks_shows_cancelled_ones_with_their_reason(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        // The last of a crowd cannot have been finished when the cancel comes.
        var crowd = Enumerable.Range(0, 12).Select(_ => Ask.ForSpeech(
            string.Concat(Enumerable.Repeat("a long text ", 160)), """{"numberResults":4,"deliveryMethod":"async"}""")).ToArray();
        await customer.SendAsync(crowd);
        var task = crowd[^1];
        Assert.Equal(200, (await customer.SendAsync(Ask.ToCancel(Ask.UuidOf(task)))).Status);

        var listed = Assert.Single((await Own(customer).GetAsync("/v1/tasks?state=cancelled")).Items);

        Assert.Equal((Ask.UuidOf(task), "taskCancelled"), ((string?)listed["taskUUID"], (string?)listed["errorCode"]));
        Assert.NotNull(listed["finishedAt"]);
        Assert.NotEmpty((await Own(customer).GetAsync("/v1/tasks?state=pending")).Items);
        await customer.SendAsync([.. crowd[..^1].Select(one => Ask.ToCancel(Ask.UuidOf(one)))]);
    }

    [Theory]
    [BothModes]
    public async Task Every_read_with_a_foreign_key_finds_nothing(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (owner, stranger) = (await stage.Operator.NewCustomerAsync(), await stage.Operator.NewCustomerAsync(credit: 0));
        var task = Ask.ForSpeech();
        var item = (await owner.SpeakAsync(task))[0];
        var secrets = new[] { Ask.UuidOf(task), (string)item["audioUUID"]!, owner.TenantId.ToString() };
        var ownersPage = (await Own(owner).GetAsync("/v1/ledger?limit=1")).Json["nextCursor"];
        var ownersTasks = Platform.Api.Lists.Cursor.Write("tasks", Guid.AllBitsSet.ToString());

        foreach (var path in new[]
        {
            "balance", "ledger", $"ledger?cursor={ownersPage}", "costs", "costs?format=csv", "costs?groupBy=day", "costs?groupBy=model",
            "costs?groupBy=key", "tasks", "tasks?state=succeeded", $"tasks?cursor={ownersTasks}",
        })
        {
            var answer = await Own(stranger).GetAsync("/v1/" + path);
            Assert.Equal(200, answer.Status);
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, answer.Text, StringComparison.OrdinalIgnoreCase));
            if (answer.ContentType == "application/json" && answer.Json["items"] is JsonArray items)
            {
                Assert.Empty(items);
            }
        }

        // Nor does a parameter choose whose.
        Assert.Equal(400, (await Own(stranger).GetAsync($"/v1/costs?tenant={owner.TenantId}")).Status);
        Assert.Equal("taskNotFound", (await stranger.PollAsync(Ask.UuidOf(task))).Code);
        Assert.Equal("taskNotFound", (await stranger.SendAsync(Ask.ToCancel(Ask.UuidOf(task)))).Code);
        var account = await stranger.SendAsync(Details);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, account.Text, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [BothModes("balance?x=1", "unknownParameter")]
    [BothModes("ledger?limit=x", "invalidLimit")]
    [BothModes("tasks?state=open&cursor=!", "invalidState invalidCursor")]
    [BothModes("costs?from=1&format=pdf", "invalidFrom invalidFormat")]
    [BothModes("tasks?model=%00&state=%07", "invalidState invalidModel")]
    [BothModes("voices?search=a%00b", "invalidSearch")]
    public async Task Wrong_queries_are_told_in_the_envelope_of_v1(Mode mode, string path, string codes)
    {
        var stage = await stages.OnAsync(mode);
        var refused = await Own(await stage.Operator.NewCustomerAsync(credit: 0)).GetAsync("/v1/" + path);

        Assert.Equal(400, refused.Status);
        Assert.Equal(codes, string.Join(' ', refused.Json["errors"]!.AsArray().Select(error => error!["code"])));
        Assert.All(refused.Json["errors"]!.AsArray(), error => Assert.NotNull(error!["documentation"]));
    }

    [Theory]
    [BothModes]
    public async Task Without_a_key_nothing_is_read(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        foreach (var path in new[] { "balance", "ledger", "costs", "tasks" })
        {
            var nobody = await stage.Operator.With(null).GetAsync("/v1/" + path);
            Assert.Equal((401, "missingApiKey"), (nobody.Status, (string?)nobody.Json["errors"]![0]!["code"]));
            Assert.Equal(401, (await stage.Operator.With(KeyOfNobody).GetAsync("/v1/" + path)).Status);
        }
    }

    [Theory]
    [BothModes]
    public async Task AccountManagement_tells_balance_masked_keys_and_usage(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync(credit: 1_500_000, name: "An organization");
        await customer.SpeakAsync(Ask.ForSpeech(more: """{"numberResults":2}"""));

        var item = (await customer.SendAsync(Details)).Item;

        Assert.Equal("An organization 1.4998", $"{item["organizationName"]} {item["balance"]}");
        var key = (string)Assert.Single(item["apiKeys"]!.AsArray())!["apiKey"]!;
        Assert.EndsWith("****", key, StringComparison.Ordinal);
        Assert.StartsWith(key[..^4], customer.Key, StringComparison.Ordinal);
        foreach (var span in new[] { "total", "today", "last7Days", "last30Days" })
        {
            Assert.Equal("""{"credits":0.0002,"requests":1}""", item["usage"]![span]!.ToJsonString());
        }
    }

    [Theory]
    [BothModes]
    public async Task AccountManagement_lists_keys_that_work_however_many_were_revoked_since(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        await stage.ChangeAsync(
            """
            insert into api_keys (key_id, tenant_id, key_hash, prefix, created_at, revoked_at)
            select ('ffffffff' || substr(gen_random_uuid()::text, 9))::uuid, $1, uuid_send(gen_random_uuid()), 'rw_old', now(), now()
              from generate_series(1, 150)
            """,
            customer.TenantId);

        var keys = (await customer.SendAsync(Details)).Item["apiKeys"]!.AsArray();

        Assert.StartsWith(((string)Assert.Single(keys)!["apiKey"]!)[..^4], customer.Key, StringComparison.Ordinal);
    }

    [Theory]
    [BothModes("""{"operation":"getEverything"}""", "invalidOperation")]
    [BothModes("""{}""", "missingOperation")]
    [BothModes("""{"operation":"getDetails","verbose":true}""", "unknownParameter")]
    public async Task AccountManagement_knows_one_operation(Mode mode, string more, string code)
    {
        var stage = await stages.OnAsync(mode);
        var task = JsonNode.Parse(more)!.AsObject();
        task["taskType"] = "accountManagement";
        task["taskUUID"] = Ask.NewUuid();

        Assert.Equal(code, (await (await stage.NewCustomerAsync()).SendAsync(task)).Code);
    }

    [Fact]
    public async Task AccountManagement_is_told_to_one_request_of_a_tenant_at_a_time_and_to_the_next_that_it_is_busy()
    {
        var stage = await stages.OnAsync(Mode.Embedded);
        var customer = await stage.NewCustomerAsync();
        await customer.SendAsync(Details);
        await using var other = await stage.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await LockAsync(other, "accounts");

        var first = customer.SendAsync(Details);
        var second = customer.SendAsync(Details);
        var refused = await await Task.WhenAny(first, second);
        Assert.Equal((503, "serviceUnavailable"), (refused.Status, refused.Code));

        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        Assert.Equal([200, 503], (await Task.WhenAll(first, second)).Select(static reply => reply.Status).Order());
    }

    [Fact]
    public async Task Statements_are_read_a_few_at_a_time_as_exports_are()
    {
        var stage = await stages.OnAsync(Mode.Embedded);
        var customer = await stage.NewCustomerAsync();
        var path = $"/v1/statement?month={TimeProvider.System.GetUtcNow():yyyy-MM}";
        Assert.Equal(200, (await Own(customer).GetAsync(path)).Status);
        await using var other = await stage.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await LockAsync(other, "ledger_entries");

        var reads = Enumerable.Range(0, 3).Select(_ => Own(customer).GetAsync(path)).ToList();
        Assert.Equal(429, (await await Task.WhenAny(reads)).Status);

        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        Assert.Equal([200, 200, 429], (await Task.WhenAll(reads)).Select(static reply => reply.Status).Order());
    }

    private static async Task LockAsync(Npgsql.NpgsqlConnection connection, string table)
    {
        await using var hold = new Npgsql.NpgsqlCommand($"lock table {table} in access exclusive mode", connection);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static readonly string KeyOfNobody = Platform.Tenants.KeyText.Make("live");

    private static JsonObject Details => new() { ["taskType"] = "accountManagement", ["taskUUID"] = Ask.NewUuid(), ["operation"] = "getDetails" };

    private static Operator Own(Customer customer) => new(customer.Address, customer.Key);
}
