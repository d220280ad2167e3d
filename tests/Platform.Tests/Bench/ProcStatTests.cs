using Platform.Bench.Measures;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class ProcStatTests
{
    [Fact]
    public void Reads_parent_and_cpu_past_a_name_with_spaces_and_parentheses()
    {
        var stat = ProcStat.Parse("4711 (postgres: (idle) x) S 17 1 1 0 -1 4194560 100 200 0 0 31 12 5 2 20 0 1 0 999 1000 50");
        Assert.Equal(new ProcStat(4711, 17, 50), stat);
    }

    [Fact]
    public void Follows_children_of_children_and_nobody_else()
    {
        ProcStat[] all = [new(1, 0, 1), new(10, 1, 2), new(11, 10, 3), new(12, 11, 4), new(20, 1, 5)];
        Assert.Equal([10, 11, 12], ProcStat.FindTree(all, 10).Select(process => process.Pid));
    }

    [Fact]
    public void Finds_this_process_with_cpu_and_memory()
    {
        var groups = new ProcessGroups([("tests", Environment.ProcessId)]);
        Assert.True(groups.ReadCpu()["tests"] > TimeSpan.Zero);
        var memory = Assert.Single(groups.ReadMemory());
        Assert.InRange(memory.PeakMegabytes, 10, 10_000);
        Assert.InRange(memory.ShareMegabytes, 1, 10_000);
    }
}
