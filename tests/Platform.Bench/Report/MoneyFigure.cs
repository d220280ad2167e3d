namespace Platform.Bench.Report;

/// <summary>Sync throughput with a price and without, in windows that take turns in one run.</summary>
/// <param name="Priced">Tasks a second in the median window with a price.</param>
/// <param name="Free">The same of a tenant that pays nothing, whose tasks move no money.</param>
internal sealed record MoneyFigure(int Connections, double Priced, double Free)
{
    /// <summary>The part of the throughput that money work takes.</summary>
    public double Cost => 1 - (Priced / Free);
}

/// <summary>An export of many rows.</summary>
/// <param name="Seconds">By what was asked for.</param>
/// <param name="PeakMegabytes">Of the api that wrote all of them, from its start.</param>
internal sealed record CostsFigure(int Rows, IReadOnlyDictionary<string, double> Seconds, double PeakMegabytes);
