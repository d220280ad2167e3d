using System.Text;
using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

[CollectionDefinition("Counts open files", DisableParallelization = true)]
public sealed class CountsOpenFiles;

[Collection("Counts open files")]
public sealed class ChildProgramTests
{
    [Fact]
    public async Task Hands_input_over_and_output_back()
    {
        var input = Encoding.UTF8.GetBytes(new string('x', 300_000));
        var outcome = await RunAsync("cat", [], input);
        Assert.Equal((0, false), (outcome.ExitCode, outcome.LimitHit));
        Assert.Equal(input, outcome.Output.ToArray());
    }

    [Fact]
    public async Task Does_not_stall_on_a_program_that_complains_at_length()
    {
        var outcome = await RunAsync("sh", ["-c", "head -c 500000 /dev/zero >&2; echo done"], default);
        Assert.Equal("done\n", Encoding.ASCII.GetString(outcome.Output.Span));
    }

    [Fact]
    public async Task Ends_a_program_that_says_more_than_the_limit()
    {
        var outcome = await ChildProgram.RunAsync(new ChildCommand("yes", [], default, 100_000), TestContext.Current.CancellationToken);
        Assert.True(outcome.LimitHit);
        Assert.Equal(100_000, outcome.Output.Length);
    }

    [Fact]
    public async Task Does_not_count_the_limit_itself_as_too_much()
    {
        var command = new ChildCommand("head", ["-c", "1000", "/dev/zero"], default, 1000);
        var outcome = await ChildProgram.RunAsync(command, TestContext.Current.CancellationToken);
        Assert.Equal((false, 1000, 0), (outcome.LimitHit, outcome.Output.Length, outcome.ExitCode));
    }

    [Fact]
    public async Task Survives_a_program_that_reads_nothing()
    {
        var outcome = await RunAsync("true", [], new byte[2_000_000]);
        Assert.Equal(0, outcome.ExitCode);
    }

    [Fact]
    public async Task Keeps_the_settings_of_the_platform_from_the_program()
    {
        Environment.SetEnvironmentVariable("PLATFORM_CHILD_TEST", "secret");
        var outcome = await RunAsync("env", [], default);
        var lines = Encoding.UTF8.GetString(outcome.Output.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var names = lines.Select(line => line.Split('=')[0]);
        Assert.Equal("LC_ALL PATH", string.Join(' ', names.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Leaves_no_pipe_open()
    {
        await RunAsync("cat", [], default);
        var before = OpenPipes();
        for (var i = 0; i < 20; i++)
        {
            await RunAsync("cat", [], new byte[10]);
            await ChildProgram.RunAsync(new ChildCommand("yes", [], default, 10), TestContext.Current.CancellationToken);
            await RunAsync("/nowhere", [], default);
        }

        Assert.InRange(OpenPipes(), 0, before);
    }

    private static int OpenPipes() => Directory.EnumerateFiles("/proc/self/fd")
        .Count(file => new FileInfo(file).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true);

    private static Task<ChildOutcome> RunAsync(string program, string[] arguments, ReadOnlyMemory<byte> input) =>
        ChildProgram.RunAsync(new ChildCommand(program, arguments, input, 1_000_000), TestContext.Current.CancellationToken);
}
