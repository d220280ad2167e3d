using Platform.Bench.Floors;

namespace Platform.Bench;

/// <summary>How long each part runs and how much it sends.</summary>
internal sealed record BenchTimes
{
    public TimeSpan ValidationWarmUp { get; private init; } = TimeSpan.FromSeconds(2);

    public TimeSpan Validation { get; private init; } = TimeSpan.FromSeconds(5);

    public FloorTimes Floors { get; private init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));

    public StepTimes Steps { get; private init; } = new(PerSecond: 50, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(6));

    public TimeSpan SyncWarmUp { get; private init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The first load of a run also pays for tiered compilation on both sides, which takes half of two cores for a quarter of a minute.
    /// </summary>
    public TimeSpan FirstWarmUp { get; private init; } = TimeSpan.FromSeconds(20);

    public TimeSpan SyncWindow { get; private init; } = TimeSpan.FromSeconds(2.7);

    public TimeSpan LatencyWarmUp { get; private init; } = TimeSpan.FromSeconds(2);

    public TimeSpan LatencyWindow { get; private init; } = TimeSpan.FromSeconds(20);

    public int AsyncTasks { get; private init; } = 5000;

    public TimeSpan MediaWarmUp { get; private init; } = TimeSpan.FromSeconds(5);

    public TimeSpan MediaWindow { get; private init; } = TimeSpan.FromSeconds(20);

    public TimeSpan PoolWarmUp { get; private init; } = TimeSpan.FromSeconds(10);

    public TimeSpan PoolWindow { get; private init; } = TimeSpan.FromSeconds(6);

    public TimeSpan Outage { get; private init; } = TimeSpan.FromSeconds(60);

    public static BenchTimes Full { get; } = new();

    public static BenchTimes Quick { get; } = new()
    {
        ValidationWarmUp = TimeSpan.FromSeconds(1),
        Validation = TimeSpan.FromSeconds(1),
        Floors = new FloorTimes(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1)),
        Steps = new StepTimes(PerSecond: 50, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5)),
        SyncWarmUp = TimeSpan.FromSeconds(1),
        FirstWarmUp = TimeSpan.FromSeconds(4),
        SyncWindow = TimeSpan.FromSeconds(1),
        LatencyWarmUp = TimeSpan.FromSeconds(1),
        LatencyWindow = TimeSpan.FromSeconds(5),
        MediaWarmUp = TimeSpan.FromSeconds(2),
        MediaWindow = TimeSpan.FromSeconds(4),
        AsyncTasks = 1000,
        PoolWarmUp = TimeSpan.FromSeconds(3),
        PoolWindow = TimeSpan.FromSeconds(3),
        Outage = TimeSpan.FromSeconds(10),
    };
}
