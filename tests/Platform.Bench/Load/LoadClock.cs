using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Platform.Bench.Load;

/// <summary>The times of a load run in <see cref="Stopwatch"/> ticks: warm-up, windows, end, and the end of patience.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct LoadClock(LoadPlan plan, long start)
{
    private readonly long measureFrom = start + ToTicks(plan.WarmUp);
    private readonly long window = ToTicks(plan.Window);
    private readonly int windows = plan.Windows;
    private readonly bool isCounted = plan.Count is not null;
    private readonly long patience = ToTicks(plan.Patience);

    public long Start { get; } = start;

    /// <summary>When a timed run stops sending.</summary>
    public long End => measureFrom + window * windows;

    /// <summary>The window that an instant lies in; null in the warm-up and after the end. A counted run is one window.</summary>
    public int? WindowOf(long instant)
    {
        if (isCounted)
        {
            return 0;
        }

        return instant < measureFrom || instant >= End ? null : (int)((instant - measureFrom) / window);
    }

    public bool IsOutOfPatience(long now) => now > (isCounted ? Start : End) + patience;

    private static long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
}
