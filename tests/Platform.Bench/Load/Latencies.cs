using System.Diagnostics;

namespace Platform.Bench.Load;

/// <summary>Every single latency, kept as it was measured: percentiles are exact.</summary>
internal sealed class Latencies
{
    private long[] ticks = new long[1 << 16];
    private bool isSorted;

    public int Count { get; private set; }

    public void Add(long stopwatchTicks)
    {
        if (Count == ticks.Length)
        {
            Array.Resize(ref ticks, ticks.Length * 2);
        }

        ticks[Count++] = stopwatchTicks;
        isSorted = false;
    }

    /// <summary>
    /// The smallest value that <paramref name="percent"/> of all values do not exceed (nearest rank); zero when there is none.
    /// </summary>
    public TimeSpan Percentile(double percent)
    {
        if (Count == 0)
        {
            return TimeSpan.Zero;
        }

        if (!isSorted)
        {
            Array.Sort(ticks, 0, Count);
            isSorted = true;
        }

        var rank = (int)Math.Ceiling(percent / 100 * Count);
        return Stopwatch.GetElapsedTime(0, ticks[Math.Clamp(rank, 1, Count) - 1]);
    }
}
