using System.Globalization;

namespace Platform.Bench.Measures;

/// <summary>One line of <c>/proc/PID/stat</c> (proc(5)).</summary>
/// <param name="CpuTicks">User and system time of the process and of the children it has already reaped, in clock ticks.</param>
internal sealed record ProcStat(int Pid, int Parent, long CpuTicks)
{
    /// <summary>USER_HZ, which Linux fixes at 100 for user space on every architecture that .NET runs on.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    public static ProcStat Parse(string line)
    {
        // The second field is the program's name in parentheses; it may itself hold spaces and parentheses.
        var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        return new ProcStat(ToInt(line[..line.IndexOf(' ')]), ToInt(fields[1]), ticks);
    }

    /// <summary>Every process of the machine at this moment.</summary>
    public static IReadOnlyList<ProcStat> ReadAll()
    {
        var all = new List<ProcStat>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                all.Add(Parse(File.ReadAllText(Path.Combine(folder, "stat"))));
            }
            catch (IOException)
            {
                // It ended between the listing and the reading: its time has moved on to its parent.
                continue;
            }
        }

        return all;
    }

    private static int ToInt(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The process and all that descend from it.</summary>
    public static IReadOnlyList<ProcStat> FindTree(IReadOnlyList<ProcStat> all, int root)
    {
        var byParent = all.ToLookup(process => process.Parent);
        var tree = all.Where(process => process.Pid == root).ToList();
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(byParent[tree[i].Pid]);
        }

        return tree;
    }
}
