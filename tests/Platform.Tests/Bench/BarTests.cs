using System.Text.Json;
using Platform.Bench.Measures;
using Platform.Bench.Report;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class BarTests
{
    [Theory]
    [InlineData(0.39, "MISSED")]
    [InlineData(0.4, "met")]
    [InlineData(0.7, "met, aim reached")]
    public void Judges_a_figure_that_must_be_reached(double value, string verdict) =>
        Assert.Equal(verdict, new Bar("ratio", value, 0.4, 0.7, IsFloor: true).Verdict);

    [Theory]
    [InlineData(251, "MISSED")]
    [InlineData(250, "met")]
    [InlineData(130, "met, aim reached")]
    public void Judges_a_figure_that_must_be_kept_under(double value, string verdict) =>
        Assert.Equal(verdict, new Bar("CPU", value, 250, 130, IsFloor: false).Verdict);

    [Fact]
    public void Judges_nothing_that_was_not_measured() => Assert.Empty(Bar.Judge(NewFigures()));

    [Fact]
    public void Takes_the_ratio_to_the_highest_floor_and_the_sum_of_all_cpu()
    {
        var bars = Bar.Judge(Measured()).ToDictionary(bar => bar.Name, bar => bar.Value, StringComparer.Ordinal);
        Assert.Equal(0.5, bars["sync at 256 connections / insert floor"], 3);
        Assert.Equal(120, bars["CPU per task, client included, µs"], 3);
        Assert.Equal(3, bars["sync latency p50, ms"]);
        Assert.Equal(9, bars["sync latency p99, ms"]);
        Assert.Equal(200, bars["api peak memory, MB"]);
        Assert.Equal(21.5, bars["validation of a 1 kB task, µs"]);
        Assert.Equal(6, bars.Count);
    }

    [Fact]
    public void Shows_every_figure_in_the_table_and_writes_it_as_json()
    {
        var figures = Measured();
        figures.Faults.Add("1 tasks were not charged exactly once");
        var table = Table.Render(figures);
        string[] expected = ["10,000 /s  <- the floor", "0.50 x floor", "21.5 µs", "p95 5.00 ms", "drained 2.50 s", "met, aim reached", "FAULT: 1"];
        Assert.All(expected, part => Assert.Contains(part, table, StringComparison.Ordinal));
        using var json = JsonDocument.Parse(ResultFile.Render(figures));
        var sync = json.RootElement.GetProperty("figures").GetProperty("sync");
        Assert.Equal(5000, sync.GetProperty("256").GetProperty("perSecond").GetDouble());
        Assert.Equal(6, json.RootElement.GetProperty("bars").GetArrayLength());
    }

    private static Figures Measured()
    {
        var figures = NewFigures();
        figures.Validation = new ValidationFigure(1000, 21.5, 9000);
        figures.Floors = new Floors(new Dictionary<int, double> { [1] = 2000, [64] = 10_000 }, 30_000);
        figures.Sync[256] = new SyncFigure(5000, 40, 90);
        figures.CpuPerTask = new Dictionary<string, double>(StringComparer.Ordinal) { ["api"] = 100, ["client"] = 20 };
        figures.Latency = new LatencyFigure(50, 3, 5, 9);
        figures.Async = new AsyncFigure(5000, 8000, 2.5);
        figures.Memory = [new MemoryUse("api", 200, 150), new MemoryUse("postgres", 900, 300)];
        return figures;
    }

    private static Figures NewFigures() => new() { At = default, IsQuick = false, Processors = 2, FileSystem = "ext4" };
}
