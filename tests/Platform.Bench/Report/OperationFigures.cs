namespace Platform.Bench.Report;

/// <summary>Tasks a second with and without telemetry, window by window in turn.</summary>
internal sealed record TelemetryFigure(int Connections, IReadOnlyList<double> Off, IReadOnlyList<double> On, long Exports, long Scrapes)
{
    /// <summary>1: it costs nothing.</summary>
    public double Ratio => Median(On) / Median(Off);

    public static double Median(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);
}

/// <summary>One process told to stop and started again, and what customers saw meanwhile, in milliseconds.</summary>
/// <param name="Ended">Seconds since the load began until the process had ended.</param>
/// <param name="Ready">Seconds until its successor said that it was ready.</param>
internal sealed record RestartFigure(string Name, double Began, double Ended, double Ready, double P50, double P99, double Worst);

/// <summary>What customers saw while every process was restarted, one after the other.</summary>
internal sealed record RollingFigure
{
    public required double PerSecond { get; init; }

    public required IReadOnlyList<RestartFigure> Restarts { get; init; }

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
