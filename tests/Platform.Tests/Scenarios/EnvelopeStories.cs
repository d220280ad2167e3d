using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The frame around tasks and answers, and who is let in.</summary>
[Collection(Stories.Name)]
public sealed class EnvelopeStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task A_mixed_batch_answers_each_task_and_says_200(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var (good, bad, alsoGood) = (Ask.ForSpeech(), Ask.ForSpeech(speech: """{"voice":"nobody"}"""), Ask.ForSpeech());

        var reply = await customer.SendAsync(good, bad, alsoGood);

        Assert.Equal(200, reply.Status);
        Listed.Same([Ask.UuidOf(good), Ask.UuidOf(alsoGood)], reply.Items.Select(item => (string?)item["taskUUID"]));
        var error = Assert.Single(reply.Errors);
        Assert.Equal(
            ("invalidSpeechVoice", "speech.voice", "audioInference", Ask.UuidOf(bad)),
            ((string?)error["code"], (string?)error["parameter"], (string?)error["taskType"], (string?)error["taskUUID"]));
    }

    [Theory]
    [BothModes]
    public async Task A_lone_object_is_a_batch_of_one(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();

        Assert.NotNull((await customer.SendAsync(Ask.ForSpeech().ToJsonString())).Item["audioURL"]);
    }

    [Theory]
    [BothModes]
    public async Task A_key_may_come_in_a_first_task_instead_of_the_header(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var stranger = new Customer(customer.Address, null);
        var authentication = new JsonObject { ["taskType"] = "authentication", ["apiKey"] = customer.Key };

        var reply = await stranger.SendAsync(authentication, Ask.ForSpeech());

        Assert.Equal((200, 2, 0), (reply.Status, reply.Items.Length, reply.Errors.Length));
        Assert.True(Guid.TryParse((string?)reply.Items[0]["connectionSessionUUID"], out _));
        Listed.Same(["taskType", "connectionSessionUUID"], reply.Items[0].Select(member => member.Key));
        Assert.DoesNotContain(customer.Key!, reply.Text, StringComparison.Ordinal);
        var late = await stranger.SendAsync(Ask.ForSpeech(), authentication);
        Assert.Equal((401, "missingApiKey"), (late.Status, late.Code));
    }

    [Theory]
    [BothModes("none", "missingApiKey")]
    [BothModes("", "missingApiKey")]
    [BothModes("secret", "invalidApiKey")]
    [BothModes("rw_test_00000000000000000000000000000000_000000", "invalidApiKey")]
    public async Task A_wrong_key_is_refused_without_an_echo(Mode mode, string key, string code)
    {
        var stranger = new Customer((await stages.OnAsync(mode)).Address, key is "none" ? null : key);

        var reply = await stranger.SendAsync(Ask.ForSpeech());

        Assert.Equal((401, code), (reply.Status, reply.Code));
        Assert.Equal("authentication", (string?)reply.Error["taskType"]);
        Assert.False(reply.Error.ContainsKey("taskUUID"));
        if (code == "invalidApiKey" && key.Length > 0)
        {
            Assert.DoesNotContain(key, reply.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [BothModes]
    public async Task Revoked_expired_and_suspended_are_told_apart_as_far_as_they_may(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (revoked, expired, suspended) =
            (await stage.NewCustomerAsync(), await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        await stage.ChangeAsync("update api_keys set revoked_at = now() where tenant_id = $1", revoked.TenantId);
        await stage.ChangeAsync("update api_keys set expires_at = now() - interval '1 second' where tenant_id = $1", expired.TenantId);
        await stage.ChangeAsync("update tenants set suspended_at = now() where tenant_id = $1", suspended.TenantId);

        Assert.Equal("invalidApiKey", (await revoked.SendAsync(Ask.ForSpeech())).Code);
        Assert.Equal("invalidApiKey", (await expired.SendAsync(Ask.ForSpeech())).Code);
        var reply = await suspended.SendAsync(Ask.ForSpeech());
        Assert.Equal((403, "accountSuspended"), (reply.Status, reply.Code));
    }

    [Theory]
    [BothModes]
    public async Task A_key_that_was_used_is_refused_within_five_seconds_of_its_revocation(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        await customer.SpeakAsync(Ask.ForSpeech());

        await stage.ChangeAsync("update api_keys set revoked_at = now() where tenant_id = $1", customer.TenantId);

        await Until.TrueAsync(async () => (await customer.PollAsync(Ask.NewUuid())).Code == "invalidApiKey", seconds: 5);
    }

    [Theory]
    [BothModes]
    public async Task A_ping_is_answered(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();

        var reply = await customer.SendAsync("""[{"taskType":"ping","ping":true}]""");

        Assert.Equal("""{"data":[{"taskType":"ping","pong":true}]}""", reply.Text);
    }

    [Theory]
    [BothModes]
    public async Task The_schema_of_a_model_is_public(Mode mode)
    {
        var stranger = new Customer((await stages.OnAsync(mode)).Address, null);

        using var schema = await stranger.GetAsync($"v1/schemas/{Ask.Air}");
        using var none = await stranger.GetAsync("v1/schemas/acme:nothing@1");
        Assert.Contains("modelSearch", await none.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Assert.Equal(200, (int)schema.StatusCode);
        var text = await schema.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Ask.Air, (string?)JsonNode.Parse(text)!["properties"]!["model"]!["enum"]![0]);
        Assert.Equal(404, (int)none.StatusCode);
    }

    [Theory]
    [BothModes]
    public async Task Probes_and_the_page_about_errors_are_there(Mode mode)
    {
        var stranger = new Customer((await stages.OnAsync(mode)).Address, null);

        foreach (var path in (string[])["health/live", "health/ready", "docs/errors"])
        {
            using var response = await stranger.GetAsync(path);
            Assert.Equal(200, (int)response.StatusCode);
        }
    }
}
