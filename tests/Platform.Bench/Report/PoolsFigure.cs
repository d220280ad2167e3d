namespace Platform.Bench.Report;

/// <summary>How a pool of 32 slots keeps a speech server busy that takes 200 ms a call, and what its outage does.</summary>
internal sealed record PoolsFigure
{
    /// <summary>Calls that the server had on average, in parts of the slots.</summary>
    public required double CallShare { get; init; }

    public required double PerSecond { get; init; }

    /// <summary>Tasks that were leased on average to each slot: those at the engine and those that are encoded, stored and settled after it.</summary>
    public required double HeldPerSlot { get; init; }

    /// <summary>The same with a second worker, in parts of 64 slots, and with calls of twice the length: two cores encode no more files.</summary>
    public required double CallShareOfTwo { get; init; }

    public required double PerSecondOfTwo { get; init; }

    public required double HeldPerSlotOfTwo { get; init; }

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
