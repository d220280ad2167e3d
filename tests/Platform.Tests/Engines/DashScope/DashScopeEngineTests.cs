using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Platform.Engines;
using Platform.Engines.DashScope;
using Platform.Hosting;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Engines.LongText;
using Xunit;

namespace Platform.Tests.Engines.DashScope;

public sealed class DashScopeEngineTests : IAsyncLifetime
{
    private const string Flash = "alibaba:qwen@3-tts-flash";
    private const string Instruct = "alibaba:qwen@3-tts-instruct-flash";

    private FakeDashScope provider = null!;

    public async ValueTask InitializeAsync()
    {
        provider = await FakeDashScope.StartAsync();
        provider.Speak = static (_, _) => Task.FromResult(JoinSpeechTests.Voice(0.2, 0, 0));
    }

    public ValueTask DisposeAsync() => provider.DisposeAsync();

    [Fact]
    public async Task Asks_qwen_as_its_documents_show()
    {
        await SpeakAsync(provider.Engine(), Request(Flash, "ono_anna") with { Language = "Japanese", Prompt = "ignored" });

        Assert.Equal(
            """{"model":"qwen3-tts-flash","input":{"text":"Hello there.","voice":"Ono Anna","language_type":"Japanese"}}""",
            Assert.Single(provider.Bodies).ToJsonString());
        Assert.Equal($"Bearer {FakeDashScope.Key}", provider.LastHeaders.Authorization.ToString());
        Assert.False(provider.LastHeaders.ContainsKey("X-DashScope-SSE"));
        Assert.False(provider.LastHeaders.ContainsKey("X-DashScope-WorkSpace"));
    }

    [Theory]
    [InlineData("input", "input")]
    [InlineData("parameters", "parameters")]
    public async Task Puts_instructions_where_the_setting_says(string setting, string place)
    {
        var engine = provider.Engine(options: options => options.InstructionsIn = setting);
        await SpeakAsync(engine, Request(Instruct, "cherry") with { Prompt = "Slowly.", OptimizePrompt = true });

        var body = Assert.Single(provider.Bodies);
        Assert.Equal(("Slowly.", true), ((string?)body[place]!["instructions"], (bool?)body[place]!["optimize_instructions"]));
        Assert.Equal(place == "parameters", body.ContainsKey("parameters"));
        Assert.Equal("Hello there.", (string?)body["input"]!["text"]);
    }

    [Theory]
    [InlineData("alibaba:qwen@3-tts-flash=qwen3-tts-flash-2025-11-27", true)]
    [InlineData("alibaba:qwen@3-tts-flash=", false)]
    [InlineData("alibaba:qwen@3-tts-flash", false)]
    [InlineData("qwen3_tts_flash=qwen3-tts-flash-2025-11-27", false)]
    public void A_snapshot_is_said_as_the_settings_can_hold_it(string given, bool isRight)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("DashScope:Snapshots:0", given)]).Build();
        var options = settings.GetSection(DashScopeOptions.Section).Get<DashScopeOptions>()!;

        Assert.Equal(isRight ? "qwen3-tts-flash-2025-11-27" : null, options.FindSnapshot(Flash) is { Length: > 0 } found ? found : null);
        Assert.Equal(isRight, !SettingsCheck.FindAll(settings, []).Any(static fault => fault.StartsWith("DashScope:Snapshots has", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Asks_for_the_snapshot_that_the_settings_fix()
    {
        var engine = provider.Engine(options: options => options.Snapshots.Add($"{Flash}=qwen3-tts-flash-2025-09-18"));

        var outcome = await SpeakAsync(engine, Request(Flash, "cherry"));
        Assert.Equal("qwen3-tts-flash-2025-09-18", (string?)provider.Bodies[0]["model"]);
        Assert.Equal("qwen3-tts-flash-2025-09-18", outcome.Usage.ModelSnapshot);

        // That snapshot has 17 of the 49 voices.
        Assert.True(engine.Serves(Flash, "kiki"));
        Assert.False(engine.Serves(Flash, "vivian"));
        var byInstance = provider.Engine(instance => instance.Model = "qwen3-tts-flash-2025-11-27");
        Assert.True(byInstance.Serves(Flash, "vivian"));
        await SpeakAsync(byInstance, Request(Flash, "vivian"));
        Assert.Equal("qwen3-tts-flash-2025-11-27", (string?)provider.Bodies[^1]["model"]);
    }

    [Fact]
    public async Task Asks_cosyvoice_and_minimax_as_their_documents_show()
    {
        var engine = provider.Engine(instance => instance.Workspace = "ws-1");
        await SpeakAsync(engine, Request("alibaba:cosyvoice@3-flash", "longanhuan_v3") with
        {
            Language = "Chinese", Prompt = "请用河南话表达。", Seed = 65_543,
        });
        Assert.Equal(
            JsonNode.Parse("""
                {"model":"cosyvoice-v3-flash","input":{"text":"Hello there.","voice":"longanhuan_v3","format":"wav","sample_rate":24000,"seed":7,
                 "language_hints":["zh"],"instruction":"请用河南话表达。"}}
                """)!.ToJsonString(),
            provider.Bodies[^1].ToJsonString());
        Assert.Equal("ws-1", provider.LastHeaders["X-DashScope-WorkSpace"].ToString());

        provider.Instead = MiniMaxAnswers.Of(provider, MiniMaxAnswers.Hex);
        await SpeakAsync(engine, Request("minimax:speech@2.8-hd", "male-qn-qingse") with { Emotion = "happy", Pitch = -2, Volume = 1.5m });
        Assert.Equal(
            JsonNode.Parse("""
                {"model":"MiniMax/speech-2.8-hd","input":{"text":"Hello there.",
                 "voice_setting":{"voice_id":"male-qn-qingse","speed":1,"vol":1.5,"pitch":-2,"emotion":"happy"},
                 "audio_setting":{"sample_rate":32000,"bitrate":128000,"format":"mp3","channel":1}}}
                """)!.ToJsonString(),
            provider.Bodies[^1].ToJsonString());
    }

    [Fact]
    public async Task Tells_what_the_call_cost_and_how_the_provider_calls_it()
    {
        var outcome = await SpeakAsync(provider.Engine(), Request(Flash, "cherry"));
        Assert.Equal(("req-12", (long?)12, "qwen3-tts-flash", 0), (
            outcome.Usage.ProviderRequestId, outcome.Usage.BilledCharacters, outcome.Usage.ModelSnapshot, outcome.Usage.Retries));
        Assert.Null(outcome.Usage.OutputTokens);
    }

    [Fact]
    public async Task Speaks_with_a_tenants_own_voice_by_the_model_that_it_was_made_for()
    {
        var id = Guid.NewGuid();
        var engine = provider.Engine();
        Assert.True(engine.Serves(Flash, OwnVoice.Spell("provider", id)));
        Assert.False(engine.Serves(Flash, OwnVoice.Spell("elsewhere", id)));
        Assert.False(engine.Serves("minimax:speech@2.8-hd", OwnVoice.Spell("provider", id)));

        await SpeakAsync(engine, Request(Flash, OwnVoice.Spell("provider", id)) with
        {
            OwnVoice = new OwnVoice("qwen-tts-vc-v1", "qwen3-tts-vc-2026-01-22"),
        });
        var body = Assert.Single(provider.Bodies);
        Assert.Equal(("qwen3-tts-vc-2026-01-22", "qwen-tts-vc-v1"), ((string?)body["model"], (string?)body["input"]!["voice"]));
    }

    [Fact]
    public async Task Has_no_voice_for_what_it_does_not_serve()
    {
        var engine = provider.Engine();
        Assert.False(engine.Serves("alibaba:qwen@3-tts-1.7b-base", "clone"));
        SpeechRequest[] none =
            [Request(Flash, "uncle_fu"), Request("alibaba:qwen@3-tts-1.7b-base", "clone"), Request("alibaba:cosyvoice@3.5-plus", "auto")];
        foreach (var request in none)
        {
            var outcome = await engine.SpeakAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(FailureKind.Rejected, outcome.Failure!.Kind);
        }

        Assert.Empty(provider.Bodies);
    }

    [Fact]
    public async Task Namesakes_speak_for_the_open_model_and_say_so()
    {
        var engine = provider.Engine(instance => instance.Serves.Add(DashScopeModels.NamesakesOf));
        Assert.Contains("same names", engine.Note, StringComparison.Ordinal);
        await SpeakAsync(engine, Request(DashScopeModels.NamesakesOf, "ono_anna") with { Prompt = "Slowly." });
        Assert.Equal("Ono Anna", (string?)provider.Bodies[0]["input"]!["voice"]);
        Assert.False(provider.Bodies[0]["input"]!.AsObject().ContainsKey("instructions"));
        Assert.Null(provider.Engine().Note);
    }

    [Theory]
    [InlineData("beijing", "", "https://dashscope.aliyuncs.com")]
    [InlineData("singapore", "", "https://dashscope-intl.aliyuncs.com")]
    [InlineData("beijing", "ws-7", "https://ws-7.cn-beijing.maas.aliyuncs.com")]
    [InlineData("singapore", "ws-7", "https://ws-7.ap-southeast-1.maas.aliyuncs.com")]
    public void Goes_to_the_regions_host_or_the_workspaces(string region, string workspace, string address)
    {
        Assert.Equal(address, DashScopeRegions.BaseOf(new EngineInstance { Region = region, Workspace = workspace }));
        Assert.Equal("http://proxy:1", DashScopeRegions.BaseOf(new EngineInstance { Region = region, Workspace = workspace, Url = "http://proxy:1/" }));
    }

    [Fact]
    public void Says_at_start_all_that_is_wrong_with_its_settings()
    {
        var instance = new EngineInstance { Url = "ftp://x", Workspace = "a/b", Region = "mars" };
        instance.Serves.Add("alibaba:qwen@9");
        var faults = DashScopeRegions.FindFaults(instance).ToList();
        Assert.Equal([":Region", ":ApiKey", ":Url", ":Workspace", ":Serves"], faults.Select(fault => fault[..fault.IndexOf(' ')]), StringComparer.Ordinal);
        Assert.DoesNotContain(faults, fault => fault.EndsWith('.'));

        var lacking = new EngineInstance { Region = "singapore", ApiKey = "k" };
        lacking.Serves.Add("alibaba:cosyvoice@3-flash");
        Assert.Contains("the region singapore does not have", Assert.Single(DashScopeRegions.FindFaults(lacking)), StringComparison.Ordinal);
        Assert.Empty(DashScopeRegions.FindFaults(new EngineInstance { Region = "beijing", ApiKey = "k" }));
    }

    private static SpeechRequest Request(string model, string voice) => Requests.Of("Hello there.", voice, "Auto") with { Model = model };

    private static async Task<SpeechOutcome> SpeakAsync(DashScopeEngine engine, SpeechRequest request)
    {
        var outcome = await engine.SpeakAsync(request, TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome;
    }
}
