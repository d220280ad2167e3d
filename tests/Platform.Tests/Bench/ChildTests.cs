using Platform.Bench;
using Platform.Bench.Stage;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class ChildTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bench-child-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Keeps_the_output_and_stops_the_program()
    {
        var child = Child.Start(new ChildStart("sleeper", "bash", ["-c", "printenv WITH-HYPHEN; exec sleep 600"])
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WITH-HYPHEN"] = "awake" },
        }, folder);
        await child.WaitUntilAsync(_ => Task.FromResult(string.Equals(child.ReadLogTail(), "awake", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(10), Cancellation);
        Assert.False(child.HasExited);
        var process = $"/proc/{child.Pid}";
        Assert.True(Directory.Exists(process));
        await child.DisposeAsync();
        Assert.False(Directory.Exists(process));
    }

    [Fact]
    public async Task Says_what_a_program_printed_before_it_gave_up()
    {
        await using var child = Child.Start(new ChildStart("broken", "sh", ["-c", "echo no such setting >&2; exit 3"]), folder);
        var fault = await Assert.ThrowsAsync<BenchException>(() =>
            child.WaitUntilAsync(_ => Task.FromResult(false), TimeSpan.FromSeconds(30), Cancellation));
        Assert.Contains("no such setting", fault.Message, StringComparison.Ordinal);
        Assert.Contains('3', fault.Message);
    }

    [Fact]
    public async Task Gives_the_output_of_a_program_that_ends_and_refuses_one_that_fails()
    {
        Assert.Equal("one\n", await Child.RunAsync(new ChildStart("echo", "echo", ["one"]), Cancellation));
        var fault = await Assert.ThrowsAsync<BenchException>(() =>
            Child.RunAsync(new ChildStart("sh", "sh", ["-c", "echo bad >&2; exit 1"]), Cancellation));
        Assert.Contains("bad", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Finds_ports_that_differ() => Assert.Equal(20, Loopback.FindFreePorts(20).Distinct().Count());
}
