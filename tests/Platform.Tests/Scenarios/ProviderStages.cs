using Platform.Tests.Engines.DashScope;
using Platform.Tests.Fixtures;

namespace Platform.Tests.Scenarios;

/// <summary>Platforms with a provider's account: a local provider speaks, written from the documents of the real one.</summary>
public sealed class ProviderStages(TestPostgres postgres, TestRabbit rabbit) : IAsyncDisposable
{
    private readonly Dictionary<Mode, Task<Stage>> started = [];
    private Task<FakeDashScope>? provider;

    internal Task<FakeDashScope> ProviderAsync() => provider ??= FakeDashScope.StartAsync();

    internal async Task<Stage> OnAsync(Mode mode)
    {
        var settings = SettingsFor((await ProviderAsync()).Address)
            .ToDictionary(static one => one.Name, static one => (string?)one.Value, StringComparer.Ordinal);
        if (!started.TryGetValue(mode, out var stage))
        {
            started[mode] = stage = mode == Mode.Embedded
                ? EmbeddedStage.StartAsync(settings)
                : DistributedStage.StartAsync(postgres, rabbit, settings);
        }

        (await stage).FailIfAServerEnded();
        return await stage;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stage in started.Values.Where(stage => stage.IsCompletedSuccessfully))
        {
            await (await stage).DisposeAsync();
        }

        if (provider is not null)
        {
            await (await provider).DisposeAsync();
        }
    }

    /// <summary>The settings of docs/providers.md, with the address of the local provider.</summary>
    private static (string Name, string Value)[] SettingsFor(Uri address) =>
    [
        ("PLATFORM_ENGINES__INSTANCES__cloud__KIND", "dashscope"),
        ("PLATFORM_ENGINES__INSTANCES__cloud__REGION", "beijing"),
        ("PLATFORM_ENGINES__INSTANCES__cloud__APIKEY", FakeDashScope.Key),
        ("PLATFORM_ENGINES__POOLS__qwen3_tts_flash", "cloud"),
        ("PLATFORM_ENGINES__POOLS__qwen3_tts_instruct_flash", "cloud"),
        ("PLATFORM_ENGINES__POOLS__cosyvoice_3_5_plus", "cloud"),
        ("PLATFORM_ENGINES__INSTANCES__cloud__URL", address.OriginalString),
        ("PLATFORM_DASHSCOPE__AUDIOHOSTS__0", "127.0.0.1"),
        ("PLATFORM_VOICES__SWEEPSECONDS", "1"),
    ];
}
