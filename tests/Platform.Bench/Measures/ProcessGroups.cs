using System.Globalization;

namespace Platform.Bench.Measures;

/// <summary>CPU and memory of the programs that serve: each is one process, or one with all its children.</summary>
internal sealed class ProcessGroups(IReadOnlyList<(string Name, int Pid)> roots)
{
    /// <summary>CPU time that each has used so far, its children included, those that ended too.</summary>
    public IReadOnlyDictionary<string, TimeSpan> ReadCpu()
    {
        var all = ProcStat.ReadAll();
        return roots.ToDictionary(
            root => root.Name,
            root => ProcStat.FindTree(all, root.Pid).Sum(process => process.CpuTicks) * ProcStat.Tick,
            StringComparer.Ordinal);
    }

    public IReadOnlyList<MemoryUse> ReadMemory()
    {
        var all = ProcStat.ReadAll();
        return [.. roots.Select(root => Measure(root.Name, ProcStat.FindTree(all, root.Pid)))];
    }

    private static MemoryUse Measure(string name, IReadOnlyList<ProcStat> tree)
    {
        var peak = tree.Select(process => ReadKilobytes($"/proc/{process.Pid}/status", "VmHWM:")).DefaultIfEmpty().Max();
        var share = tree.Sum(process => ReadKilobytes($"/proc/{process.Pid}/smaps_rollup", "Pss:"));
        return new MemoryUse(name, peak / 1024.0, share / 1024.0);
    }

    private static long ReadKilobytes(string path, string label)
    {
        try
        {
            var line = File.ReadLines(path).FirstOrDefault(candidate => candidate.StartsWith(label, StringComparison.Ordinal));
            return line is null
                ? 0
                : long.Parse(line.AsSpan(label.Length, line.Length - label.Length - 2).Trim(), CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A child that ended since the listing has no memory any more; one that changed user does not show it.
            return 0;
        }
    }
}

/// <summary>Memory of one program.</summary>
/// <param name="PeakMegabytes">The most that its largest process ever had resident (VmHWM).</param>
/// <param name="ShareMegabytes">What all its processes hold now, shared pages counted once (Pss).</param>
internal sealed record MemoryUse(string Name, double PeakMegabytes, double ShareMegabytes);
