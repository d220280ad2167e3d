namespace Platform.Bench.Report;

/// <summary>How a pool of 32 slots keeps a speech server busy that takes 200 ms a call, and what its outage does.</summary>
internal sealed record PoolsFigure
{
    /// <summary>Slots that had a task on average, in parts of all.</summary>
    public required double BusyShare { get; init; }

    /// <summary>Calls that the server had on average, in parts of the slots: what is missing is the storing of results.</summary>
    public required double ServerShare { get; init; }

    public required double PerSecond { get; init; }

    /// <summary>The same with a second worker, in parts of 64 slots.</summary>
    public required double BusyShareOfTwo { get; init; }

    public required double ServerShareOfTwo { get; init; }

    public required double PerSecondOfTwo { get; init; }

    public required double OutageSeconds { get; init; }

    /// <summary>Tasks that were accepted meanwhile and had to wait.</summary>
    public required int WaitingAtReturn { get; init; }

    /// <summary>From the server's return.</summary>
    public required double FirstSuccessSeconds { get; init; }

    public required double DrainSeconds { get; init; }

    /// <summary>Attempts of the task that had the most.</summary>
    public required int MostAttempts { get; init; }

    /// <summary>Tasks that were lost or charged twice; none when the outage cost nothing.</summary>
    public required IReadOnlyList<string> Faults { get; init; }
}
