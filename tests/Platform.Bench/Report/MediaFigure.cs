namespace Platform.Bench.Report;

/// <summary>Downloads of a 200 kB file, every fourth of half of it.</summary>
/// <param name="MegabytesPerSecond">On the wire.</param>
/// <param name="MemoryBefore">Of the api after warming up, MB.</param>
/// <param name="MemoryAfter">Of the api at the end, MB.</param>
internal sealed record MediaFigure(double PerSecond, double MegabytesPerSecond, double MemoryBefore, double MemoryAfter);
