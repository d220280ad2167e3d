using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What a customer can look up: a task with its request and answer, and the models (contract, section 2).</summary>
[Collection(Stories.Name)]
public sealed class LookupStories(Stages stages)
{
    [Theory]
    [BothModes("URL")]
    [BothModes("base64Data")]
    [BothModes("dataURI")]
    public async Task GetTaskDetails_shows_the_request_as_sent_and_the_items_of_the_sync_reply(Mode mode, string outputType)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var task = Ask.ForSpeech(more: $$"""{"includeCost":true,"numberResults":2,"outputType":"{{outputType}}"}""");
        var items = await customer.SpeakAsync(task);

        var reply = await customer.SendAsync(About(Ask.UuidOf(task).ToUpperInvariant()));

        Listed.Same(["taskType", "taskUUID", "request", "response"], reply.Item.Select(member => member.Key));
        Assert.Equal(("getTaskDetails", Ask.UuidOf(task).ToUpperInvariant()), ((string?)reply.Item["taskType"], Ask.UuidOf(reply.Item)));
        Assert.Equal($"[{task.ToJsonString()}]", reply.Item["request"]!.ToJsonString());
        Assert.Equal($$"""{"data":[{{string.Join(',', items.Select(item => item.ToJsonString()))}}]}""", reply.Item["response"]!.ToJsonString());
        Assert.DoesNotContain(customer.Key!, reply.Text, StringComparison.Ordinal);
        var polled = (await customer.PollAsync(Ask.UuidOf(task))).Items;
        Assert.All(polled, item => item.Remove("status"));
        Listed.Same(items.Select(item => item.ToJsonString()), polled.Select(item => item.ToJsonString()));
    }

    [Theory]
    [BothModes]
    public async Task GetTaskDetails_never_shows_the_key_however_it_came(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var stranger = new Customer(customer.Address, null);
        var authentication = new JsonObject { ["taskType"] = "authentication", ["apiKey"] = customer.Key };
        var task = Ask.ForSpeech();
        await stranger.SendAsync(authentication, task);

        var details = await customer.SendAsync(About(Ask.UuidOf(task)));

        Assert.Equal($"[{task.ToJsonString()}]", details.Item["request"]!.ToJsonString());
        Assert.DoesNotContain(customer.Key!, details.Text, StringComparison.Ordinal);

        // In the task itself it is an unknown field: the task is refused, and so is not remembered.
        var careless = Ask.ForSpeech();
        careless["apiKey"] = customer.Key;
        var refused = await customer.SendAsync(careless);
        Assert.Equal("unknownParameter", refused.Code);
        Assert.DoesNotContain(customer.Key!, refused.Text, StringComparison.Ordinal);
        Assert.Equal("taskNotFound", (await customer.SendAsync(About(Ask.UuidOf(careless)))).Code);
    }

    [Theory]
    [BothModes]
    public async Task GetTaskDetails_of_an_open_task_shows_what_is_processing_and_of_a_cancelled_one_its_error(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync(usd: 50);

        // No place to run: it stays open until it is cancelled.
        await stage.ChangeAsync("update tenants set max_running = 1 where tenant_id = $1", customer.TenantId);
        await stage.ChangeAsync("insert into capped_tenants values ($1, 1, 1) on conflict (tenant_id) do update set running = 1", customer.TenantId);
        var task = Ask.ForSpeech(more: """{"deliveryMethod":"async","numberResults":2}""");
        await customer.SendAsync(task);

        var open = (await customer.SendAsync(About(Ask.UuidOf(task)))).Item;
        var processing = $$"""{"taskType":"audioInference","taskUUID":"{{Ask.UuidOf(task)}}","status":"processing"}""";
        Assert.Equal($$"""{"data":[{{processing}},{{processing}}]}""", open["response"]!.ToJsonString());

        await customer.SendAsync(Ask.ToCancel(Ask.UuidOf(task)));
        var ended = (await customer.SendAsync(About(Ask.UuidOf(task)))).Item;
        Listed.Same(["errors"], ended["response"]!.AsObject().Select(member => member.Key));
        var error = ended["response"]!["errors"]!.AsArray().Single()!;
        Assert.Equal(("taskCancelled", "audioInference", Ask.UuidOf(task)),
            ((string?)error["code"], (string?)error["taskType"], (string?)error["taskUUID"]));
        Assert.Equal(task.ToJsonString(), ended["request"]![0]!.ToJsonString());
    }

    [Theory]
    [BothModes]
    public async Task GetTaskDetails_says_that_audio_has_expired_where_the_reply_held_it(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var (link, held) = (Ask.ForSpeech(), Ask.ForSpeech(more: """{"outputType":"base64Data"}"""));
        var item = (await customer.SpeakAsync(link)).Single();
        await customer.SpeakAsync(held);
        await stage.ChangeAsync(
            "update task_results set expires_at = now() - interval '1 s' from tasks t where t.task_id = task_results.task_id and tenant_id = $1",
            customer.TenantId);

        var expired = await Until.FoundAsync(async () =>
            (await customer.SendAsync(About(Ask.UuidOf(held)))).Item["response"]!["errors"]?.AsArray().Single());

        Assert.Equal(("mediaExpired", Ask.UuidOf(held)), ((string?)expired["code"], (string?)expired["taskUUID"]));
        // A link is shown as it was handed over.
        var details = (await customer.SendAsync(About(Ask.UuidOf(link)))).Item;
        Assert.Equal(item.ToJsonString(), details["response"]!["data"]![0]!.ToJsonString());
    }

    [Theory]
    [BothModes]
    public async Task GetTaskDetails_of_somebody_elses_task_is_as_unknown_as_one_that_never_was(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (owner, other) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var task = Ask.ForSpeech();
        await owner.SpeakAsync(task);
        var none = Ask.NewUuid();

        var (foreign, unknown) = (await other.SendAsync(About(Ask.UuidOf(task))), await other.SendAsync(About(none)));

        Assert.Equal((404, "taskNotFound"), (foreign.Status, foreign.Code));
        Assert.Equal(unknown.Text.Replace(none, Ask.UuidOf(task), StringComparison.Ordinal), foreign.Text);
        Assert.Equal("missingTaskUUID", (await other.SendAsync(new JsonObject { ["taskType"] = "getTaskDetails" })).Code);
    }

    [Theory]
    [BothModes]
    public async Task ModelSearch_lists_the_catalog_in_one_item(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var search = JsonNode.Parse($$"""{"taskType":"modelSearch","taskUUID":"{{Ask.NewUuid()}}","search":"QWEN customvoice","limit":1}""")!.AsObject();

        var found = (await customer.SendAsync(search)).Item;

        Listed.Same(["taskType", "taskUUID", "results", "totalResults"], found.Select(member => member.Key));
        Assert.Equal((Ask.UuidOf(search), 1), (Ask.UuidOf(found), (int)found["totalResults"]!));
        var model = found["results"]!.AsArray().Single()!.AsObject();
        Assert.Equal((Ask.Air, "checkpoint"), ((string?)model["air"], (string?)model["category"]));
        // The Python SDK cannot build its model from less.
        Assert.Superset(
            new HashSet<string>(["air", "name", "version", "category", "architecture", "tags", "heroImage", "private", "comment"], StringComparer.Ordinal),
            model.Select(member => member.Key).ToHashSet(StringComparer.Ordinal));

        search["offset"] = 1;
        var past = (await customer.SendAsync(search)).Item;
        Assert.Equal("""{"results":[],"totalResults":1}""", new JsonObject
        {
            ["results"] = past["results"]!.DeepClone(), ["totalResults"] = past["totalResults"]!.DeepClone(),
        }.ToJsonString());
        search["limit"] = 101;
        search["tag"] = "x";
        var refused = await customer.SendAsync(search);
        Assert.Equal(400, refused.Status);
        Listed.Same(["invalidLimit", "unknownParameter"], refused.Errors.Select(error => (string?)error["code"]));
    }

    [Fact]
    public async Task GetTaskDetails_of_one_large_task_many_times_shows_it_a_few_times_and_says_that_the_rest_is_too_much()
    {
        var customer = await (await stages.OnAsync(Mode.Embedded)).NewCustomerAsync(usd: 50);
        var task = Ask.ForSpeech(more: """{"deliveryMethod":"async"}""");
        task["positivePrompt"] = string.Concat(Enumerable.Repeat("\U0001F600", 9000));
        await customer.SendAsync(task);

        var reply = await customer.SendAsync([.. Enumerable.Range(0, 50).Select(_ => About(Ask.UuidOf(task)))]);

        Assert.InRange(reply.Items.Length, 15, 20);
        Assert.Equal(50 - reply.Items.Length, reply.Errors.Length);
        Assert.All(reply.Errors, static error => Assert.Equal("payloadTooLarge", (string?)error["code"]));
        await customer.SendAsync(Ask.ToCancel(Ask.UuidOf(task)));
    }

    private static JsonObject About(string taskUuid) => new() { ["taskType"] = "getTaskDetails", ["taskUUID"] = taskUuid };
}
