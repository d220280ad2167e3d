using Platform.Engines;
using Platform.Engines.EspeakNg;
using Platform.Tests.Engines.Conformance;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class EspeakConformanceTests : EngineConformance
{
    private protected override EngineTraits Traits { get; } = new();

    private protected override Task<IEngine> CreateAsync() => Task.FromResult<IEngine>(new EspeakEngine(new EspeakOptions()));
}

/// <summary>The same for the model that clones.</summary>
public sealed class EspeakCloneConformanceTests : EngineConformance, IAsyncLifetime
{
    private EngineTraits traits = new()
    {
        Model = "alibaba:qwen@3-tts-1.7b-base",
        Voice = "clone",
        Voices = ["clone"],
    };

    private protected override EngineTraits Traits => traits;

    private protected override async Task<IEngine> CreateAsync()
    {
        var recording = await Requests.SpeakAsync(Requests.Of(Requests.English, "serena"));
        traits = traits with { Reference = new ReferenceAudio(recording, Requests.English) };
        return new EspeakEngine(new EspeakOptions());
    }
}
