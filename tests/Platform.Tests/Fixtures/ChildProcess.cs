using Platform.Persistence.Embedded;

namespace Platform.Tests.Fixtures;

/// <summary>A process of a test. It dies with the test run, even when that is killed, and its output is kept.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly GuardedChild child;
    private readonly Task pumping;

    private ChildProcess(GuardedChild child)
    {
        this.child = child;
        pumping = Lines.PumpAsync(child.Output, child.Errors);
    }

    public int Id => child.Id;

    public OutputLines Lines { get; } = new();

    public Task<int> Exit => child.Exit;

    public static async Task<ChildProcess> StartAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string?>? environment = null, OsAccount? account = null) =>
        new(await GuardedChild.StartAsync(command, "KILL", account, environment));

    public Task<string> WaitForLineAsync(Func<string, bool> predicate, TimeSpan? patience = null) =>
        Lines.WaitForLineAsync(predicate, patience);

    /// <summary>SIGKILL, as a crash; returns the exit code when it is gone.</summary>
    public Task<int> KillAsync() => EndAsync(Native.Kill);

    /// <summary>SIGTERM, as an orchestrator; fails when the process does not end in time.</summary>
    public Task<int> StopAsync(TimeSpan? patience = null) => EndAsync(Native.Terminate, patience);

    public bool Signal(int signal) => child.Signal(signal);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        // It led a process group of its own: whatever it started and left behind is in there.
        Native.Signal(-child.Id, Native.Kill);
    }

    private async Task<int> EndAsync(int signal, TimeSpan? patience = null)
    {
        child.Signal(signal);
        var exitCode = await child.Exit.WaitAsync(patience ?? TimeSpan.FromSeconds(30));
        await Task.WhenAny(pumping, Task.Delay(TimeSpan.FromSeconds(2)));
        return exitCode;
    }
}
