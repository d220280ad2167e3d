using System.Text;
using Platform.Persistence.Embedded;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Persistence.Embedded;

public sealed class PostgresLogTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Begins_a_new_file_before_the_old_one_fills_the_disk()
    {
        var log = new PostgresLog(folder["postgres.log"]);

        await log.PumpAsync(Lines(Enumerable.Repeat(new string('x', 1023), 10_000).Append("the end")));

        Assert.InRange(new FileInfo(folder["postgres.log"]).Length, 1, 3_000_000);
        Assert.InRange(new FileInfo(folder["postgres.log.1"]).Length, 8_000_000, 9_000_000);
        Assert.Equal("the end", (await File.ReadAllLinesAsync(folder["postgres.log"], TestContext.Current.CancellationToken))[^1]);
    }

    [Fact]
    public async Task Appends_to_the_file_of_the_last_start()
    {
        await new PostgresLog(folder["postgres.log"]).PumpAsync(Lines(["one"]));
        await new PostgresLog(folder["postgres.log"]).PumpAsync(Lines(["two"]));

        Assert.Equal(["one", "two"], await File.ReadAllLinesAsync(folder["postgres.log"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Reads_on_when_the_file_cannot_be_written()
    {
        Directory.CreateDirectory(folder["postgres.log"]);
        var log = new PostgresLog(folder["postgres.log"]);

        await log.PumpAsync(Lines(["one", "LOG:  database system is ready to accept connections"]));

        Assert.True(log.Ready.IsCompletedSuccessfully);
        Assert.Contains("one", log.LastLines, StringComparer.Ordinal);
        Assert.Contains(log.LastLines, line => line.Contains("cannot write", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Remembers_only_the_last_lines()
    {
        var log = new PostgresLog(folder["postgres.log"]);

        await log.PumpAsync(Lines(Enumerable.Range(1, 100).Select(number => $"line {number}")));

        Assert.Equal(30, log.LastLines.Count);
        Assert.Equal("line 100", log.LastLines.Last());
        Assert.False(log.Ready.IsCompleted);
    }

    private static StreamReader Lines(IEnumerable<string> lines) =>
        new(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
}
