using System.Text.Json.Nodes;
using Platform.Tests.Delivery.Webhooks;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Results and errors that reach the customer's own server, and what operators and tenants see of them.</summary>
[Collection(Stories.Name)]
public sealed class WebhookStories(Stages stages)
{
    [Theory, BothModes]
    public async Task A_webhook_url_makes_the_submission_asynchronous_and_each_finished_result_is_posted_once_and_signed(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        await using var receiver = await HookReceiver.StartAsync();
        var customer = await stage.NewCustomerAsync();
        var task = Ask.ForSpeech(
            "Call me when it is done.", $$"""{"webhookURL":"{{receiver.Url("/done?key=1")}}","deliveryMethod":"sync","numberResults":2,"includeCost":true}""");

        var acknowledged = await customer.SendAsync(task);
        var heard = await receiver.HeardAsync(2);

        Assert.Equal("taskType taskUUID", string.Join(' ', acknowledged.Item.Select(static member => member.Key)));
        var polled = (await customer.PollToEndAsync(Ask.UuidOf(task))).Items;
        var secret = await SecretAsync(stage, customer);
        Assert.All(heard, one => Assert.True(StandardWebhooks.Verify(one, secret, TimeProvider.System.GetUtcNow())));
        Assert.Equal(2, heard.Select(static one => one.Id).Distinct(StringComparer.Ordinal).Count());

        // The same item with the same values as the poll shows, which adds only its status.
        polled.ToList().ForEach(static item => item.Remove("status"));
        Listed.Same(
            polled.Select(static item => item.ToJsonString()).Order(StringComparer.Ordinal),
            heard.Select(static one => Assert.Single(JsonNode.Parse(one.Text)!["data"]!.AsArray())!.ToJsonString()).Order(StringComparer.Ordinal));
        await Until.TrueAsync(async () => (await DeliveredAsync(stage, customer)) == 2, 20);
        Assert.Equal(2, receiver.All.Count);
    }

    [Theory, BothModes]
    public async Task Audio_itself_comes_in_the_webhook_when_the_task_asks_for_it(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        await using var receiver = await HookReceiver.StartAsync();
        var customer = await stage.NewCustomerAsync();
        var task = Ask.ForSpeech(more: $$"""{"webhookURL":"{{receiver.Url()}}","outputType":"base64Data","outputFormat":"WAV"}""");

        await customer.SendAsync(task);
        var heard = Assert.Single(await receiver.HeardAsync(1));

        var item = JsonNode.Parse(heard.Text)!["data"]![0]!;
        Assert.Equal("RIFF"u8.ToArray(), Convert.FromBase64String((string)item["audioBase64Data"]!)[..4]);
        Assert.True(StandardWebhooks.Verify(heard, await SecretAsync(stage, customer), TimeProvider.System.GetUtcNow()));
        Assert.Equal((string?)(await customer.PollToEndAsync(Ask.UuidOf(task))).Item["audioBase64Data"], (string?)item["audioBase64Data"]);
    }

    [Theory, BothModes]
    public async Task A_task_that_fails_posts_its_error_once(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        await using var receiver = await HookReceiver.StartAsync();
        var customer = await stage.NewCustomerAsync();
        var text = string.Concat(Enumerable.Repeat("A long story that nobody waits for. ", 25));
        var task = Ask.ForSpeech(text, $$"""{"webhookURL":"{{receiver.Url()}}","numberResults":4}""");
        var uuid = Ask.UuidOf(task).ToUpperInvariant();
        task["taskUUID"] = uuid;

        await customer.SendAsync(task);
        var cancelled = await customer.SendAsync(Ask.ToCancel(uuid));
        Assert.Equal(200, cancelled.Status);

        var error = await Until.FoundAsync(() => Task.FromResult(
            receiver.All.Select(static one => JsonNode.Parse(one.Text)!["errors"]?[0]).FirstOrDefault(static one => one is not null)));
        Assert.Equal("taskCancelled", (string?)error["code"]);
        Assert.Equal("audioInference", (string?)error["taskType"]);
        Assert.Equal(uuid, (string?)error["taskUUID"]);
        Assert.Contains("#", (string)error["documentation"]!, StringComparison.Ordinal);
        Assert.Single(receiver.All, static one => JsonNode.Parse(one.Text)!["errors"] is not null);
    }

    [Theory]
    [BothModes("http://169.254.169.254/latest/meta-data")]
    [BothModes("http://10.0.0.7/hook")]
    [BothModes("http://[::ffff:127.0.0.1]/hook")]
    [BothModes("http://user:secret@127.0.0.1/hook")]
    [BothModes("ftp://127.0.0.1/hook")]
    [BothModes("hook")]
    public async Task A_refused_url_is_invalidWebhookURL_and_takes_nothing(Mode mode, string url)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var task = Ask.ForSpeech();
        task["webhookURL"] = url;

        var refused = await customer.SendAsync(task);

        Assert.Equal((400, "invalidWebhookURL", "webhookURL"), (refused.Status, refused.Code, (string?)refused.Error["parameter"]));
        Assert.DoesNotContain("secret", refused.Text, StringComparison.Ordinal);
        task.Remove("webhookURL");
        Assert.Equal(200, (await customer.SendAsync(task)).Status);
    }

    [Theory, BothModes]
    public async Task Dead_webhooks_are_listed_with_their_attempts_and_replayed_under_the_same_id(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var status = 410;
        await using var receiver = await HookReceiver.StartAsync(async (http, _) =>
        {
            http.Response.StatusCode = status;
            await http.Response.Body.WriteAsync("no longer here"u8.ToArray(), TestContext.Current.CancellationToken);
        });
        var customer = await stage.NewCustomerAsync();
        await customer.SendAsync(Ask.ForSpeech(more: $$"""{"webhookURL":"{{receiver.Url()}}"}"""));

        var list = $"tenants/{customer.TenantId}/webhooks";
        var dead = await Until.FoundAsync(async () => (await stage.Operator.GetAsync(list + "?state=dead")).Items.SingleOrDefault());
        var attempt = Assert.Single(dead["attempts"]!.AsArray())!;
        Assert.Equal("410 no longer here", $"{attempt["status"]} {attempt["answer"]}");
        Assert.Equal(receiver.Url(), (string?)dead["url"]);

        status = 200;
        Assert.Equal(202, (await stage.Operator.PostAsync($"webhooks/{dead["webhookId"]}/replay", "")).Status);
        var heard = await receiver.HeardAsync(2);
        var delivered = await Until.FoundAsync(async () => (await stage.Operator.GetAsync(list + "?state=delivered")).Items.SingleOrDefault());

        Assert.Equal(heard[0].Id, heard[1].Id);
        Assert.Equal((string?)dead["messageId"], heard[0].Id);
        Assert.Equal(2, delivered["attempts"]!.AsArray().Count);
        Assert.Equal("""{"replayed":1}""", (await stage.Operator.PostAsync(list + "/replay", """{"state":"delivered"}""")).Text);
        Assert.Equal(heard[0].Id, (await receiver.HeardAsync(3))[2].Id);
    }

    [Theory, BothModes]
    public async Task A_tenant_sees_its_own_webhooks_and_nobody_elses(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        await using var receiver = await HookReceiver.StartAsync();
        var (customer, other) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var task = Ask.ForSpeech(more: $$"""{"webhookURL":"{{receiver.Url()}}"}""");
        await customer.SendAsync(task);
        await receiver.HeardAsync(1);

        var own = await Until.FoundAsync(async () => (await ListAsync(customer, "?state=delivered")).Items.SingleOrDefault());
        Assert.Equal(Ask.UuidOf(task), (string?)own["taskUUID"]);
        Assert.Empty((await ListAsync(other, "")).Items);
        Assert.Contains("invalidState", (await ListAsync(customer, "?state=lost")).Text, StringComparison.Ordinal);
        Assert.Equal(401, (await new Operator(stage.Address, null).GetAsync("/v1/webhooks")).Status);
    }

    [Theory, BothModes]
    public async Task A_test_ping_shows_whether_a_receiver_is_ready(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        await using var receiver = await HookReceiver.StartAsync(503);
        var customer = await stage.NewCustomerAsync();
        var ping = $"tenants/{customer.TenantId}/webhooks/ping";

        var answer = (await stage.Operator.PostAsync(ping, $$"""{"url":"{{receiver.Url()}}"}""")).Json;

        Assert.Equal("False 503 The receiver answered 503.", $"{(bool)answer["delivered"]!} {answer["status"]} {answer["error"]}");
        var heard = Assert.Single(receiver.All);
        Assert.Equal((string?)answer["messageId"], heard.Id);
        Assert.True(StandardWebhooks.Verify(heard, await SecretAsync(stage, customer), TimeProvider.System.GetUtcNow()));
        Assert.Equal("/url", (await stage.Operator.PostAsync(ping, """{"url":"http://10.0.0.1/"}""")).Faults);
        Assert.Equal(404, (await stage.Operator.PostAsync($"tenants/{Guid.NewGuid()}/webhooks/ping", """{"url":"http://127.0.0.1/"}""")).Status);
    }

    [Theory, BothModes]
    public async Task Replaying_what_is_unknown_or_still_on_its_way_is_refused(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        await using var receiver = await HookReceiver.StartSilentAsync();
        var customer = await stage.NewCustomerAsync();
        await customer.SendAsync(Ask.ForSpeech(more: $$"""{"webhookURL":"{{receiver.Url()}}"}"""));
        await receiver.HeardAsync(1);
        var leased = Assert.Single((await ListAsync(customer, "")).Items);

        Assert.Equal("webhook-on-its-way", (await stage.Operator.PostAsync($"webhooks/{leased["webhookId"]}/replay", "")).Problem);
        Assert.Equal(404, (await stage.Operator.PostAsync($"webhooks/{Guid.NewGuid()}/replay", "")).Status);
        Assert.Equal(404, (await stage.Operator.PostAsync("webhooks/x/replay", "")).Status);
        Assert.Equal(401, (await stage.Operator.With(null).PostAsync($"webhooks/{leased["webhookId"]}/replay", "")).Status);
    }

    private static Task<Answer> ListAsync(Customer customer, string query) =>
        new Operator(customer.Address, customer.Key).GetAsync("/v1/webhooks" + query);

    private static Task<string> SecretAsync(Stage stage, Customer customer) =>
        stage.AskAsync<string>("select secret from webhook_secrets where tenant_id = $1", customer.TenantId);

    private static Task<long> DeliveredAsync(Stage stage, Customer customer) =>
        stage.AskAsync<long>("select count(*) from webhooks where tenant_id = $1 and state = 'delivered'", customer.TenantId);
}
