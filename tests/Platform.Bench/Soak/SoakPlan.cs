namespace Platform.Bench.Soak;

/// <summary>How much happens in a soak, and from which seed.</summary>
internal sealed record SoakPlan(int Seed, int Tasks)
{
    public int Tenants { get; init; } = 5;

    /// <summary>Simulated workers and clients that act at the same time.</summary>
    public int Actors { get; init; } = 8;

    /// <summary>Whether connections to the database are killed. Not beside others that use the same server.</summary>
    public bool KillsConnections { get; init; } = true;

    /// <summary>What is done once in a while to the whole database server, such as killing it; null: nothing.</summary>
    public Func<CancellationToken, Task>? Disaster { get; init; }

    /// <summary>How many accepted tasks lie between two disasters.</summary>
    public int TasksPerDisaster { get; init; } = 20_000;
}

/// <summary>What a soak did, and what the books said afterwards.</summary>
internal sealed record SoakFigures
{
    public long Accepted { get; set; }

    public long Refused { get; set; }

    public long Duplicates { get; set; }

    public long Delivered { get; set; }

    public long Failures { get; set; }

    public long Cancels { get; set; }

    public long Crashes { get; set; }

    public long ClockJumps { get; set; }

    public long Kills { get; set; }

    public long Disasters { get; set; }

    public long Refunds { get; set; }

    public long Differences { get; set; }

    public long FailedChecks { get; set; }

    /// <summary>The kinds of what was found; nothing when the books agree.</summary>
    public string Found { get; set; } = "";

    public double Seconds { get; set; }
}
