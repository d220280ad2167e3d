using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>
/// The two platforms that all stories share, each started by the first story that needs it. The stories stand in one collection, because
/// two cores that already run six processes gain nothing from stories side by side.
/// </summary>
public sealed class Stages(TestPostgres postgres, TestRabbit rabbit) : IAsyncDisposable
{
    private readonly Dictionary<Mode, Task<Stage>> started = [];

    internal async Task<Stage> OnAsync(Mode mode)
    {
        if (!started.TryGetValue(mode, out var stage))
        {
            started[mode] = stage = mode == Mode.Embedded ? EmbeddedStage.StartAsync() : DistributedStage.StartAsync(postgres, rabbit);
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
    }
}

/// <summary>The one collection of all stories.</summary>
[CollectionDefinition(Name)]
public sealed class Stories : ICollectionFixture<Stages>
{
    public const string Name = "Stories";
}
