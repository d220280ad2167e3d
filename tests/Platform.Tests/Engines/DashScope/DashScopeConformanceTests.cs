using Platform.Engines;
using Platform.Tests.Engines.Conformance;

namespace Platform.Tests.Engines.DashScope;

public sealed class QwenConformanceTests : EngineConformance
{
    private FakeDashScope? provider;

    private protected override EngineTraits Traits { get; } = new()
    {
        Model = "alibaba:qwen@3-tts-flash",
        Voices = ["auto", "vivian", "ono_anna"],
        HasSeeds = false,
    };

    private protected override async Task<IEngine> CreateAsync() => (provider = await FakeDashScope.StartAsync()).Engine();

    public override async ValueTask DisposeAsync()
    {
        await (provider?.DisposeAsync() ?? ValueTask.CompletedTask);
        await base.DisposeAsync();
    }
}

/// <summary>The same as server-sent events.</summary>
public sealed class StreamedCosyVoiceConformanceTests : EngineConformance
{
    private FakeDashScope? provider;

    private protected override EngineTraits Traits { get; } = new()
    {
        Model = "alibaba:cosyvoice@3-flash",
        Voice = "longanyang",
        Voices = ["auto", "longanhuan"],
        HasSeeds = false,
    };

    private protected override async Task<IEngine> CreateAsync() =>
        (provider = await FakeDashScope.StartAsync()).Engine(options: options => options.Stream = true);

    public override async ValueTask DisposeAsync()
    {
        await (provider?.DisposeAsync() ?? ValueTask.CompletedTask);
        await base.DisposeAsync();
    }
}

/// <summary>The same with the audio in the answer, as MP3 in hexadecimal.</summary>
public sealed class MiniMaxConformanceTests : EngineConformance
{
    private FakeDashScope? provider;

    private protected override EngineTraits Traits { get; } = new()
    {
        Model = "minimax:speech@2.8-turbo",
        Voice = "male-qn-qingse",
        Voices = ["auto", "female-tianmei"],
        HasSeeds = false,
    };

    private protected override async Task<IEngine> CreateAsync()
    {
        provider = await FakeDashScope.StartAsync();
        provider.Instead = MiniMaxAnswers.Of(provider, MiniMaxAnswers.HexInData);
        return provider.Engine();
    }

    public override async ValueTask DisposeAsync()
    {
        await (provider?.DisposeAsync() ?? ValueTask.CompletedTask);
        await base.DisposeAsync();
    }
}
