using Platform.Bench.Speech;
using Platform.Engines;
using Platform.Engines.OpenAiSpeech;
using Platform.Tests.Engines.Conformance;
using Platform.Tests.Engines.EspeakNg;

namespace Platform.Tests.Engines.OpenAiSpeech;

/// <summary>The adapter in one dialect, over HTTP to a server of that dialect with espeak-ng behind it.</summary>
public abstract class SpeechConformance(string dialect, string model) : EngineConformance
{
    private LoopbackServer? server;
    private ReferenceAudio? reference;

    private protected override EngineTraits Traits => new()
    {
        Model = model,
        Voice = IsBase ? "clone" : "ryan",
        Voices = IsBase ? ["clone"] : ["auto", "vivian", "uncle_fu"],
        HasAnyVoice = IsBase,
        HasSeeds = dialect != "openai",
        Reference = reference,
    };

    private bool IsBase => model.EndsWith("-base", StringComparison.Ordinal);

    private protected override async Task<IEngine> CreateAsync()
    {
        server = await LoopbackServer.StartAsync(dialect, ServerVoices.SpeakAsync);
        if (IsBase)
        {
            reference = new ReferenceAudio(await Requests.SpeakAsync(Requests.Of(Requests.English, "serena")), Requests.English);
        }

        return Servers.EngineOf(server, dialect);
    }

    public override async ValueTask DisposeAsync()
    {
        await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

public sealed class VllmOmniConformanceTests() : SpeechConformance("vllm-omni", Servers.CustomVoice);

public sealed class VllmOmniBaseConformanceTests() : SpeechConformance("vllm-omni", Servers.Base);

public sealed class SglangOmniConformanceTests() : SpeechConformance("sglang-omni", Servers.CustomVoice);

public sealed class SglangOmniBaseConformanceTests() : SpeechConformance("sglang-omni", Servers.Base);

public sealed class PlainSpeechConformanceTests() : SpeechConformance("openai", Servers.CustomVoice);

/// <summary>Engines of servers on the loopback.</summary>
internal static class Servers
{
    public const string CustomVoice = "alibaba:qwen@3-tts-1.7b-customvoice";
    public const string Base = "alibaba:qwen@3-tts-1.7b-base";
    public const string VoiceDesign = "alibaba:qwen@3-tts-1.7b-voicedesign";

    public static EngineInstance InstanceOf(string url, string dialect = "vllm-omni")
    {
        var instance = new EngineInstance { Kind = OpenAiSpeechEngine.KindName, Url = url, Dialect = dialect, Concurrency = 64 };
        if (dialect == "openai")
        {
            instance.Model = "tts-1";
            (instance.Voices["ryan"], instance.Voices["vivian"], instance.Voices["uncle_fu"]) = ("alloy", "echo", "onyx");
        }

        return instance;
    }

    public static OpenAiSpeechEngine EngineOf(LoopbackServer server, string dialect = "vllm-omni") =>
        new("gpu_a", InstanceOf(server.Url, dialect), Path.GetTempPath(), TimeProvider.System);
}
