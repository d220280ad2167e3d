using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Voices of a provider and of a tenant's own, from the list to the audio, and whose consent they need.</summary>
[Collection(Stories.Name)]
public sealed class VoiceStories(ProviderStages stages) : IClassFixture<ProviderStages>
{
    private const string Flash = "alibaba:qwen@3-tts-flash";

    [Theory]
    [BothModes]
    public async Task A_provider_speaks_with_the_voice_that_was_asked_for(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var text = string.Join(' ', Enumerable.Repeat("The market opens at six and closes when the last pear is sold.", 20));

        var item = Assert.Single(await customer.SpeakAsync(Speak(Flash, "kiki", text, """{"includeCost":true,"outputFormat":"WAV"}""")));

        // 1,259 characters at 13 USD a million; three calls of at most 600.
        Assert.Equal(0.0164m, (decimal)item["cost"]!);
        Assert.True((await customer.DownloadAsync(item)).Length > 1_000_000);
        var provider = await stages.ProviderAsync();
        Assert.True(provider.Bodies.Count(body => (string?)body["input"]!["voice"] == "Kiki") >= 3);
    }

    [Theory]
    [BothModes]
    public async Task What_nobody_set_up_is_refused_and_said_so_in_the_lists(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var reply = await customer.SendAsync(Speak("minimax:speech@2.8-hd", "auto", "Hello."));
        Assert.Equal((404, "modelNotFound"), (reply.Status, reply.Code));
        Assert.Equal("model", (string)reply.Error["parameter"]!);
        Assert.Contains(Flash, reply.Error["allowedValues"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("minimax", reply.Error["allowedValues"]!.ToJsonString(), StringComparison.Ordinal);

        var found = (await SearchAsync(customer, "speech")).ToDictionary(static model => (string)model["air"]!, static model => model, StringComparer.Ordinal);
        Assert.Equal("""["speech","unavailable"]""", found["minimax:speech@2.8-hd"]["tags"]!.ToJsonString());
        Assert.Equal("""["speech"]""", found[Flash]["tags"]!.ToJsonString());
        Assert.Contains("espeak-ng", (string)found[Ask.Air]["comment"]!, StringComparison.Ordinal);
        Assert.Equal([Flash], (await SearchAsync(customer, "Radio Gol")).Select(static model => (string)model["air"]!), StringComparer.Ordinal);

        // In the singular: what is not served takes neither a UUID nor money.
        Assert.Equal(0L, await stage.AskAsync<long>("select held from accounts where tenant_id = $1", customer.TenantId));
    }

    [Theory]
    [BothModes]
    public async Task Voices_are_listed_with_their_languages_and_dialects_and_can_be_looked_for(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var all = (await OwnAsync(customer, "/v1/voices")).Items;
        Assert.Equal(49, all.Count(static voice => voice["models"]!.ToJsonString().Contains("\"alibaba:qwen@3-tts-flash\"", StringComparison.Ordinal)));
        Assert.All(all, static voice => Assert.NotEmpty(voice["languages"]!.AsArray()));
        var cantonese = (await OwnAsync(customer, "/v1/voices?dialect=cantonese&model=" + Flash)).Items;
        Assert.Equal(["rocky", "kiki"], cantonese.Select(static voice => (string)voice["voice"]!), StringComparer.Ordinal);
        Assert.All(cantonese, static voice => Assert.True((bool)voice["available"]!));
        Assert.Equal(24, (await OwnAsync(customer, "/v1/voices?model=alibaba:qwen@3-tts-instruct-flash&language=Korean&kind=preset")).Items.Length);
        Assert.All((await OwnAsync(customer, "/v1/voices?model=minimax:speech@2.8-hd")).Items, static voice => Assert.False((bool)voice["available"]!));
        Assert.Empty((await OwnAsync(customer, "/v1/voices?model=alibaba:cosyvoice@3-flash&language=Italian")).Items);

        var wrong = await OwnAsync(customer, "/v1/voices?kind=loud&colour=red");
        Assert.Equal((400, 2), (wrong.Status, wrong.Json["errors"]!.AsArray().Count));
        Assert.Equal(401, (await OwnAsync(new Customer(stage.Address, null), "/v1/voices")).Status);
    }

    [Theory]
    [BothModes]
    public async Task A_cloned_voice_speaks_for_its_owner_until_it_is_deleted(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (owner, other) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var provider = await stages.ProviderAsync();

        var made = await OwnAsync(owner, "/v1/voices", HttpMethod.Post, await CloneAsync());
        Assert.Equal((201, "cloned", "Narrator"), (made.Status, (string)made.Json["kind"]!, (string)made.Json["name"]!));
        var voice = (string)made.Json["voice"]!;
        Assert.Equal(voice, (string)Assert.Single((await OwnAsync(owner, "/v1/voices?kind=cloned")).Items)["voice"]!);
        Assert.Empty((await OwnAsync(other, "/v1/voices?kind=cloned")).Items);

        Assert.Single(await owner.SpeakAsync(Speak(Flash, voice, "This is my own voice.")));
        var spoken = provider.Bodies[^1];
        Assert.Equal("qwen3-tts-vc-2026-01-22", (string?)spoken["model"]);
        Assert.Contains((string)spoken["input"]!["voice"]!, provider.Voices.Names, StringComparer.Ordinal);

        Assert.Equal("invalidSpeechVoice", (await other.SendAsync(Speak(Flash, voice, "Not mine."))).Code);
        Assert.Equal(404, (await OwnAsync(other, "/v1/voices/" + voice, HttpMethod.Delete)).Status);
        Assert.Equal(204, (await OwnAsync(owner, "/v1/voices/" + voice, HttpMethod.Delete)).Status);
        Assert.Equal(404, (await OwnAsync(owner, "/v1/voices/" + voice, HttpMethod.Delete)).Status);
        Assert.Equal("invalidSpeechVoice", (await owner.SendAsync(Speak(Flash, voice, "Gone."))).Code);

        var name = (string)spoken["input"]!["voice"]!;
        await Until.FoundAsync(() => Task.FromResult(provider.Voices.Names.Contains(name, StringComparer.Ordinal) ? null : name));
    }

    [Theory]
    [BothModes]
    public async Task The_recording_can_be_fetched_by_the_provider_while_the_voice_is_made_and_by_nobody_after(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var provider = await stages.ProviderAsync();
        using var http = new HttpClient();
        var link = "";
        var during = default(System.Net.HttpStatusCode);
        provider.Instead = async (body, _) =>
        {
            if ((string?)body["input"]?["url"] is { } url)
            {
                link = url;
                using var answer = await http.GetAsync(new Uri(url));
                during = answer.StatusCode;
                Assert.Equal("audio/mpeg", answer.Content.Headers.ContentType?.MediaType);
            }

            return false;
        };
        try
        {
            var wish = JsonNode.Parse(await CloneAsync())!.AsObject();
            wish["model"] = "alibaba:cosyvoice@3.5-plus";
            Assert.Equal(201, (await OwnAsync(customer, "/v1/voices", HttpMethod.Post, wish.ToJsonString())).Status);
        }
        finally
        {
            provider.Instead = null;
        }

        Assert.Equal(System.Net.HttpStatusCode.OK, during);
        await Until.TrueAsync(async () =>
        {
            using var answer = await http.GetAsync(new Uri(link));
            return answer.StatusCode == System.Net.HttpStatusCode.NotFound && (await answer.Content.ReadAsStringAsync()).Length > 0;
        });
    }

    [Theory]
    [BothModes]
    public async Task Whose_consent_is_missing_expired_or_revoked_is_not_imitated(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        Assert.Equal(200, (await stage.Operator.PatchAsync($"tenants/{customer.TenantId}/voice-rules", """{"requireConsent":true}""")).Status);
        var medium = await UploadAsync(customer);
        Assert.Equal("permissionDenied", (await Until.FoundAsync(async () =>
            await customer.SendAsync(Imitate(medium)) is { Status: 403 } refused ? refused : null)).Code);

        var recorded = await OwnAsync(
            customer, "/v1/consents", HttpMethod.Post, $$"""{"media":"{{medium}}","person":"Ada","scope":"Audio guides","until":"2099-01-01"}""");
        Assert.Equal((201, "inForce"), (recorded.Status, (string)recorded.Json["state"]!));
        Assert.Single(await customer.SpeakAsync(Imitate(medium)));

        var id = (string)recorded.Json["consentId"]!;
        Assert.Equal("revoked", (string)(await OwnAsync(customer, "/v1/consents/" + id, HttpMethod.Delete)).Json["state"]!);
        var denied = await customer.SendAsync(Imitate(medium));
        Assert.Equal((403, "permissionDenied", "inputs.audio"), (denied.Status, denied.Code, (string)denied.Error["parameter"]!));
        Assert.Contains("revoked", (string)denied.Error["message"]!, StringComparison.Ordinal);

        var listed = Assert.Single((await stage.Operator.GetAsync($"tenants/{customer.TenantId}/consents")).Items);
        Assert.Equal((id, "revoked", "Ada"), ((string)listed["consentId"]!, (string)listed["state"]!, (string)listed["person"]!));
        Assert.Equal(2L, await stage.AskAsync<long>(
            "select count(*) from audit_log where tenant_id = $1 and action in ('consent.record', 'consent.revoke')", customer.TenantId));
    }

    [Theory]
    [BothModes("MP3", "ID3")]
    [BothModes("WAV", "RIFF")]
    public async Task Results_say_that_a_machine_made_them_where_the_operator_asks_for_it(Mode mode, string format, string start)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var rules = await stage.Operator.PatchAsync($"tenants/{customer.TenantId}/voice-rules", """{"markAudio":true}""");
        Assert.Equal(
            (true, false, true),
            ((bool)rules.Json["markAudio"]!, (bool)rules.Json["markAudioIsDefault"]!, (bool)rules.Json["requireConsentIsDefault"]!));

        var item = Assert.Single(await customer.SpeakAsync(Speak(Ask.Air, "serena", "Hello.", $$"""{"outputFormat":"{{format}}"}""")));
        var file = Encoding.Latin1.GetString(await customer.DownloadAsync(item));
        Assert.StartsWith(start, file, StringComparison.Ordinal);
        Assert.Contains("AI_GENERATED", file, StringComparison.Ordinal);
    }

    [Theory]
    [BothModes]
    public async Task Wrong_bodies_are_refused_with_all_their_faults(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var voice = await OwnAsync(customer, "/v1/voices", HttpMethod.Post, """{"model":"x","colour":1,"consent":{"person":"Ada","until":"2001-01-01"}}""");
        Assert.Equal(400, voice.Status);
        Assert.Equal(
            ["invalidName", "invalidConsentScope", "invalidConsentUntil", "invalidAudio", "unknownParameter"],
            voice.Json["errors"]!.AsArray().Select(static error => (string)error!["code"]!), StringComparer.Ordinal);
        Assert.Equal(400, (await OwnAsync(customer, "/v1/voices", HttpMethod.Post, "[]")).Status);
        Assert.Equal(404, (await OwnAsync(customer, "/v1/voices", HttpMethod.Post,
            """{"name":"x","model":"alibaba:qwen@3-tts-instruct-flash","description":"An old sailor."}""")).Status);
        Assert.Equal(400, (await OwnAsync(customer, "/v1/consents", HttpMethod.Post, """{"person":"Ada","scope":"All"}""")).Status);
        Assert.Equal(404, (await OwnAsync(customer, "/v1/consents", HttpMethod.Post,
            $$"""{"person":"Ada","scope":"All","media":"{{Guid.NewGuid()}}"}""")).Status);
        var many = string.Concat(Enumerable.Range(0, 1000).Select(static i => $"\"x{i}{new string('y', 1000)}\":1,"));
        var told = (await OwnAsync(customer, "/v1/voices", HttpMethod.Post, "{" + many + "\"name\":\"x\"}")).Json["errors"]!.AsArray();
        Assert.Equal(100, told.Count);
        Assert.All(told, static error => Assert.InRange(((string?)error!["parameter"] ?? "").Length, 1, 100));
        var values = string.Join(',', Enumerable.Repeat("0", 20_000));
        Assert.Equal("invalidJson", (string)(await OwnAsync(customer, "/v1/voices", HttpMethod.Post, $$"""{"x":[{{values}}]}""")).Json["errors"]![0]!["code"]!);
        var rules = await stage.Operator.PatchAsync($"tenants/{customer.TenantId}/voice-rules", """{"requireConsent":"yes","mark":true}""");
        Assert.Equal((400, "/requireConsent /mark"), (rules.Status, rules.Faults));
        Assert.Equal(404, (await stage.Operator.GetAsync($"tenants/{Guid.NewGuid()}/voices")).Status);
        Assert.Equal(404, (await stage.Operator.DeleteAsync($"voices/{Guid.NewGuid()}")).Status);
        Assert.Equal(404, (await stage.Operator.DeleteAsync("consents/none")).Status);
    }

    private static JsonObject Speak(string model, string voice, string text, string more = "{}")
    {
        var task = Ask.ForSpeech(text, more, $$"""{"voice":"{{voice}}"}""");
        task["model"] = model;
        return task;
    }

    private static JsonObject Imitate(string medium)
    {
        var task = Speak("alibaba:qwen@3-tts-1.7b-base", "clone", "The ferry leaves at noon.");
        task["settings"] = new JsonObject { ["xVectorOnly"] = true };
        task["inputs"] = new JsonObject { ["audio"] = medium };
        return task;
    }

    private static async Task<string> CloneAsync() => new JsonObject
    {
        ["name"] = "Narrator",
        ["model"] = Flash,
        ["audio"] = Convert.ToBase64String(await Recordings.FiveSecondsAsync("mp3")),
        ["transcript"] = "Just a tone.",
        ["language"] = "English",
        ["consent"] = new JsonObject { ["person"] = "Ada", ["scope"] = "Audio guides" },
    }.ToJsonString();

    private static async Task<string> UploadAsync(Customer customer)
    {
        var reply = await customer.SendAsync(new JsonObject
        {
            ["taskType"] = "mediaStorage",
            ["taskUUID"] = Ask.NewUuid(),
            ["operation"] = "upload",
            ["media"] = Convert.ToBase64String(await Recordings.FiveSecondsAsync("flac")),
        });
        return (string)reply.Item["mediaUUID"]!;
    }

    private static async Task<JsonObject[]> SearchAsync(Customer customer, string text)
    {
        var reply = await customer.SendAsync(new JsonObject
        {
            ["taskType"] = "modelSearch", ["taskUUID"] = Ask.NewUuid(), ["search"] = text, ["limit"] = 100,
        });
        return [.. reply.Item["results"]!.AsArray().Select(static model => model!.AsObject())];
    }

    private static async Task<Answer> OwnAsync(Customer customer, string path, HttpMethod? method = null, string? body = null)
    {
        using var response = await customer.GetAsync(path, method, request =>
        {
            request.Headers.Authorization = customer.Key is null ? null : new AuthenticationHeaderValue("Bearer", customer.Key);
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        });
        return await Answer.ReadAsync(response);
    }
}
