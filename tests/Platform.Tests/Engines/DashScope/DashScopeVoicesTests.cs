using Platform.Engines;
using Platform.Tests.Engines.LongText;
using Xunit;

namespace Platform.Tests.Engines.DashScope;

public sealed class DashScopeVoicesTests : IAsyncLifetime
{
    private const string Flash = "alibaba:qwen@3-tts-flash";
    private const string Cosy = "alibaba:cosyvoice@3.5-plus";

    private FakeDashScope provider = null!;

    private VoiceMaking Making => ((IEngine)provider.Engine()).Voices!;

    public async ValueTask InitializeAsync() => provider = await FakeDashScope.StartAsync();

    public ValueTask DisposeAsync() => provider.DisposeAsync();

    [Fact]
    public async Task Clones_a_voice_of_qwen_from_the_recording_itself()
    {
        var (voice, failure) = await Making.Make(Order(Flash) with { Language = "German" }, TestContext.Current.CancellationToken);

        Assert.Null(failure);
        Assert.Equal(new OwnVoice("qwen-tts-vc-v123456789-voice-1", "qwen3-tts-vc-2026-01-22"), voice);
        var order = Assert.Single(provider.Voices.Orders);
        var input = order["input"]!;
        Assert.Equal(("qwen-voice-enrollment", "create", "qwen3-tts-vc-2026-01-22", "v123456789"), (
            (string?)order["model"], (string?)input["action"], (string?)input["target_model"], (string?)input["preferred_name"]));
        Assert.Equal(("What is said.", "de"), ((string?)input["text"], (string?)input["language"]));
        Assert.StartsWith("data:audio/wav;base64,UklGR", (string?)input["audio"]!["data"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Designs_a_voice_of_qwen_from_words()
    {
        var (voice, _) = await Making.Make(
            new VoiceOrder { Model = Flash, Label = "v123456789", Description = "An old sailor." }, TestContext.Current.CancellationToken);

        Assert.Equal("qwen3-tts-vd-2026-01-26", voice!.TargetModel);
        var order = Assert.Single(provider.Voices.Orders);
        Assert.Equal(("qwen-voice-design", "An old sailor."), ((string?)order["model"], (string?)order["input"]!["voice_prompt"]));
        Assert.NotEqual("", (string?)order["input"]!["preview_text"] ?? "", StringComparer.Ordinal);
    }

    [Fact]
    public async Task Clones_a_voice_of_cosyvoice_from_an_address()
    {
        var (voice, _) = await Making.Make(Order(Cosy), TestContext.Current.CancellationToken);

        Assert.Equal(new OwnVoice("cosyvoice-v3-v123456789-1", "cosyvoice-v3.5-plus"), voice);
        var order = Assert.Single(provider.Voices.Orders);
        Assert.Equal(
            """{"action":"create_voice","target_model":"cosyvoice-v3.5-plus","prefix":"v123456789","url":"https://speech.example.com/1.wav"}""",
            order["input"]!.ToJsonString());
        Assert.Equal("voice-enrollment", (string?)order["model"]);
    }

    [Theory]
    [InlineData(Flash)]
    [InlineData(Cosy)]
    public async Task Lists_and_deletes_what_it_made(string air)
    {
        var (voice, _) = await Making.Make(Order(air), TestContext.Current.CancellationToken);
        Assert.Equal([voice!.Name], await Making.List(air, TestContext.Current.CancellationToken));

        Assert.Null(await Making.Delete(voice, TestContext.Current.CancellationToken));
        Assert.Empty(provider.Voices.Names);

        // Gone already is gone.
        Assert.Null(await Making.Delete(voice, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Lists_beyond_the_first_page()
    {
        for (var i = 0; i < 205; i++)
        {
            await Making.Make(Order(Cosy) with { Label = $"v{i}" }, TestContext.Current.CancellationToken);
        }

        Assert.Equal(205, (await Making.List(Cosy, TestContext.Current.CancellationToken))!.Count);
    }

    [Fact]
    public async Task A_provider_that_refuses_or_is_away_says_so()
    {
        var (_, none) = await Making.Make(Order("minimax:speech@2.8-hd"), TestContext.Current.CancellationToken);
        Assert.Equal(FailureKind.Rejected, none!.Kind);

        provider.Instead = async (_, context) =>
        {
            await FakeDashScope.RefuseAsync(context, 503, "");
            return true;
        };
        var (voice, failure) = await Making.Make(Order(Flash), TestContext.Current.CancellationToken);
        Assert.Null(voice);
        Assert.Equal(FailureKind.Away, failure!.Kind);
        Assert.Equal(FailureKind.Away, (await Making.Delete(new OwnVoice("x", "qwen3-tts-vc-2026-01-22"), TestContext.Current.CancellationToken))!.Kind);
        Assert.Null(await Making.List(Flash, TestContext.Current.CancellationToken));
    }

    private static VoiceOrder Order(string air) => new()
    {
        Model = air,
        Label = "v123456789",
        Recording = new ReferenceAudio(JoinSpeechTests.Voice(5, 0, 0), "What is said."),
        RecordingUrl = "https://speech.example.com/1.wav",
    };
}
