using System.Net;

namespace Platform.Bench.Load;

/// <summary>What a load run sends, how fast and how long. Ends after its windows, or after <see cref="Count"/> requests.</summary>
internal sealed record LoadPlan(IPEndPoint Server, RequestTemplate Template, int Connections)
{
    public TimeSpan WarmUp { get; init; }

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(3);

    public int Windows { get; init; } = 1;

    /// <summary>
    /// Open loop: this many requests fall due each second, whether or not earlier ones were answered. Null is a closed loop.
    /// </summary>
    public double? PerSecond { get; init; }

    /// <summary>Send exactly this many, however long it takes.</summary>
    public int? Count { get; init; }

    /// <summary>How long replies are waited for once nothing more is sent.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>What a load run saw.</summary>
/// <param name="Answered">Every request that succeeded, those of the warm-up included: all of them have to be accounted for.</param>
/// <param name="Failed">Refused, lost or never answered.</param>
/// <param name="PerWindow">Successes in each window.</param>
/// <param name="Latencies">Of the windows' successes, from when the request was due.</param>
/// <param name="Elapsed">From the first sending to the last reply.</param>
internal sealed record LoadResult(long Answered, long Failed, long[] PerWindow, Latencies Latencies, TimeSpan Elapsed)
{
    /// <summary>Up to a handful of what the failed ones said.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>CPU that this client itself took, warm-up included.</summary>
    public required TimeSpan ClientCpu { get; init; }

    public long Sent => Answered + Failed;
}
