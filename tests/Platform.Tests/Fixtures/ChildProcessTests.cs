using Platform.Persistence.Embedded;
using Xunit;

namespace Platform.Tests.Fixtures;

public sealed class ChildProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finds_lines_of_both_streams_before_and_after_they_came()
    {
        await using var child = await ChildProcess.StartAsync(["bash", "-c", "echo out; echo err >&2; sleep 600"]);

        Assert.Equal("err", await child.WaitForLineAsync(line => line is "err"));
        Assert.Equal("out", await child.WaitForLineAsync(line => line is "out"));
        Assert.Equal("out", await child.WaitForLineAsync(line => line is "out"));
    }

    [Fact]
    public async Task Shows_everything_written_when_the_line_never_comes()
    {
        await using var child = await ChildProcess.StartAsync(["bash", "-c", "echo the real reason; exit 3"]);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => child.WaitForLineAsync(line => line is "ready"));

        Assert.Contains("the real reason", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, await child.Exit.WaitAsync(Cancellation));
    }

    [Fact]
    public async Task Gives_up_waiting_for_a_line_in_time()
    {
        await using var child = await ChildProcess.StartAsync(["sleep", "600"]);

        await Assert.ThrowsAsync<TimeoutException>(() => child.WaitForLineAsync(_ => true, TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task Keeps_the_last_lines_of_a_chatty_process()
    {
        await using var child = await ChildProcess.StartAsync(["bash", "-c", "seq 1 50000; echo done; sleep 600"]);

        await child.WaitForLineAsync(line => line is "done");

        Assert.DoesNotContain("\n1000\n", child.Lines.Text, StringComparison.Ordinal);
        Assert.EndsWith("50000\ndone", child.Lines.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passes_the_environment_and_removes_from_it()
    {
        await using var child = await ChildProcess.StartAsync(
            ["bash", "-c", "echo \"[$FLAVOUR][$HOME]\""],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["FLAVOUR"] = "lemon", ["HOME"] = null });

        Assert.Equal("[lemon][]", await child.WaitForLineAsync(line => line.StartsWith('[')));
    }

    [Fact]
    public async Task Stops_by_a_signal_the_process_can_answer()
    {
        await using var child = await ChildProcess.StartAsync(["bash", "-c", "trap 'echo bye; exit 7' TERM; echo up; sleep 600 & wait"]);
        await child.WaitForLineAsync(line => line is "up");

        Assert.Equal(7, await child.StopAsync());
        Assert.Contains("bye", child.Lines.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kills_a_process_that_ignores_everything_else()
    {
        await using var child = await ChildProcess.StartAsync(["bash", "-c", "trap '' TERM INT; echo up; while :; do sleep 0.05; done"]);
        await child.WaitForLineAsync(line => line is "up");

        // 128 + SIGKILL, as a shell counts.
        Assert.Equal(137, await child.KillAsync());
        Assert.False(child.Signal(Native.Terminate));
    }

    [Fact]
    public async Task Takes_what_it_started_with_it_when_the_test_is_over()
    {
        int grandchild;
        await using (var child = await ChildProcess.StartAsync(["bash", "-c", "sleep 600 & echo $!; wait"]))
        {
            grandchild = int.Parse(await child.WaitForLineAsync(_ => true));
            await child.KillAsync();
            Assert.True(Gone.Runs(grandchild));
        }

        await Gone.WaitAsync(grandchild);
    }

    [Fact]
    public async Task Dies_with_a_test_run_that_is_killed()
    {
        using var folder = new TempFolder();
        var (parent, held) = await ParentToKill.StartAsync(nameof(ParentToKill.Holds_a_child), folder.Path);
        await using (parent)
        {
            await parent.KillAsync();
        }

        await Gone.WaitAsync(held);

        Assert.False(Gone.Runs(held));
    }

    [Fact]
    public async Task Outlives_the_thread_pool_thread_that_started_it()
    {
        ChildProcess? child = null;
        var starter = new Thread(() => child = ChildProcess.StartAsync(["sleep", "600"]).GetAwaiter().GetResult());
        starter.Start();
        starter.Join();

        await using (child)
        {
            // The kernel signals at the thread's end, so a short look afterwards would still see it alive: ask for the exit.
            await Assert.ThrowsAsync<TimeoutException>(() => child!.Exit.WaitAsync(TimeSpan.FromMilliseconds(200), Cancellation));
        }
    }

    [Fact]
    public async Task Has_a_session_of_its_own_so_that_ctrl_c_does_not_reach_it()
    {
        await using var child = await ChildProcess.StartAsync(["bash", "-c", "echo up; sleep 600; true"]);
        await child.WaitForLineAsync(line => line is "up");

        // Fields 3 to 6 after the name: state, parent, process group, session (proc(5)).
        var stat = (await File.ReadAllTextAsync($"/proc/{child.Id}/stat", Cancellation)).Split(") ")[1].Split(' ');

        Assert.Equal(child.Id.ToString(), stat[2]);
        Assert.Equal(child.Id.ToString(), stat[3]);
    }

    [Fact]
    public async Task The_server_is_built_where_the_tests_look_for_it()
    {
        Assert.True(File.Exists(ServerProcess.Assembly), ServerProcess.Assembly);

        await using var server = await ServerProcess.StartAsync(["--help"]);

        Assert.Equal(0, await server.Exit.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
    }
}
