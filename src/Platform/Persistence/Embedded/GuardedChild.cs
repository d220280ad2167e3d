using System.ComponentModel;
using System.Diagnostics;

namespace Platform.Persistence.Embedded;

/// <summary>
/// A child process that cannot outlive this one: the kernel signals it when we die, however we die. It has its own session,
/// so Ctrl-C at the terminal reaches only us and we decide in which order things end.
/// </summary>
internal sealed class GuardedChild
{
    private readonly TaskCompletionSource<int> exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process process;

    private GuardedChild(Process process) => this.process = process;

    /// <summary>The process id of the program itself: setsid and setpriv replace themselves by it.</summary>
    public int Id { get; private set; }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exit => exit.Task;

    public StreamReader Output => process.StandardOutput;

    public StreamReader Errors => process.StandardError;

    /// <param name="deathSignal">What the kernel sends when this process dies: <c>INT</c>, <c>KILL</c>, …</param>
    /// <param name="environment">Added to this process's environment; a null value removes a name.</param>
    public static async Task<GuardedChild> StartAsync(
        IReadOnlyList<string> command,
        string deathSignal,
        OsAccount? account = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var child = new GuardedChild(new Process { StartInfo = Describe(command, deathSignal, account, environment) });
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // PR_SET_PDEATHSIG follows the *thread* that forked (prctl(2)). A pool thread may retire and take the child with it,
        // so a thread of its own starts the child and stays until the child has ended.
        new Thread(() => child.Live(started)) { IsBackground = true, Name = $"child {command[0]}" }.Start();
        await started.Task;
        return child;
    }

    /// <summary>False when the child has ended already: its id may belong to somebody else by then.</summary>
    public bool Signal(int signal) => !exit.Task.IsCompleted && Native.Signal(Id, signal);

    private static ProcessStartInfo Describe(
        IReadOnlyList<string> command, string deathSignal, OsAccount? account, IReadOnlyDictionary<string, string?>? environment)
    {
        // setpriv sets the death signal after it has changed the user: the other order would clear it (prctl(2)).
        string[] line = ["setsid", "setpriv", .. account?.SetprivArguments ?? [], "--pdeathsig", deathSignal, "--", .. command];
        var start = new ProcessStartInfo(line[0], line.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private void Live(TaskCompletionSource started)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception cause)
        {
            started.SetException(new EmbeddedPostgresException(
                "setsid and setpriv are needed to start a child process: install the package util-linux.", cause));
            return;
        }

        Id = process.Id;
        process.StandardInput.Close();
        started.SetResult();
        process.WaitForExit();
        exit.SetResult(process.ExitCode);
    }
}
