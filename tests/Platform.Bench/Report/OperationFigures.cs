namespace Platform.Bench.Report;

/// <summary>Tasks a second with and without telemetry, window by window in turn.</summary>
internal sealed record TelemetryFigure(int Connections, IReadOnlyList<double> Off, IReadOnlyList<double> On, long Exports, long Scrapes)
{
    /// <summary>1: it costs nothing.</summary>
    public double Ratio => Median(On) / Median(Off);

    public static double Median(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);
}

/// <summary>What customers saw while every process was restarted, one after the other.</summary>
internal sealed record RollingFigure
{
    public required double PerSecond { get; init; }

    public required int Restarts { get; init; }

    public required long Answered { get; init; }

    public required long Failed { get; init; }

    /// <summary>Milliseconds.</summary>
    public required double P99 { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Seconds from the end of a killed worker's lease until its tasks were settled elsewhere; counted from the kill.</summary>
    public required double AfterLease { get; init; }

    /// <summary>What the database does not account for, and what failed requests said.</summary>
    public required IReadOnlyList<string> Faults { get; init; }
}
