using Platform.Engines;
using Platform.Engines.Null;
using Platform.Tests.Engines.Conformance;

namespace Platform.Tests.Engines.Null;

public sealed class NullConformanceTests : EngineConformance
{
    private protected override EngineTraits Traits { get; } = new() { IsSpeech = false, HasSeeds = false, HasAnyVoice = true };

    private protected override Task<IEngine> CreateAsync() => Task.FromResult<IEngine>(new NullEngine());
}
