using System.ComponentModel;
using System.Diagnostics;

namespace Platform.Bench.Stage;

/// <summary>What is to be started, and how it is told to stop.</summary>
internal sealed record ChildStart(string Name, string Program, IReadOnlyList<string> Arguments)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>PostgreSQL waits for its clients on SIGTERM and ends them on SIGINT, hence a choice.</summary>
    public int StopSignal { get; init; } = Libc.SigTerm;
}

/// <summary>One program that the bench started. Its output goes straight to a file, so that reading it costs the bench no CPU.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(45);
    private readonly Process process;
    private readonly int stopSignal;

    private Child(Process process, string name, string logPath, int stopSignal)
    {
        this.process = process;
        this.stopSignal = stopSignal;
        Name = name;
        LogPath = logPath;
    }

    public string Name { get; }

    public string LogPath { get; }

    public int Pid => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>
    /// Starts the program in a session of its own: a Ctrl-C in the terminal reaches the bench alone, which stops the others in order.
    /// </summary>
    public static Child Start(ChildStart start, string logFolder)
    {
        var logPath = Path.Combine(logFolder, start.Name + ".log");
        var info = new ProcessStartInfo("setsid") { UseShellExecute = false, RedirectStandardInput = true };

        // The variables are set behind the shell: dash drops those whose names it could not use itself, such as one with a hyphen.
        var variables = start.Environment.Select(variable => $"{variable.Key}={variable.Value}");
        string[] arguments = ["sh", "-c", "exec \"$@\" >\"$0\" 2>&1", logPath, "env", .. variables, start.Program, .. start.Arguments];
        Array.ForEach(arguments, info.ArgumentList.Add);

        var started = Process.Start(info) ?? throw new BenchException($"{start.Name} could not be started");
        return new Child(started, start.Name, logPath, start.StopSignal);
    }

    /// <summary>Runs a program to its end and gives its standard output.</summary>
    public static async Task<string> RunAsync(ChildStart start, CancellationToken cancellation)
    {
        var info = new ProcessStartInfo(start.Program, start.Arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in start.Environment)
        {
            info.Environment[key] = value;
        }

        using var run = Process.Start(info) ?? throw new BenchException($"{start.Name} could not be started");
        var output = run.StandardOutput.ReadToEndAsync(cancellation);
        var complaints = run.StandardError.ReadToEndAsync(cancellation);
        await run.WaitForExitAsync(cancellation);
        return run.ExitCode == 0
            ? await output
            : throw new BenchException($"{start.Name} ended with {run.ExitCode}: {await complaints}{await output}");
    }

    /// <summary>Asks again and again until <paramref name="isReady"/> says yes. Gives up early when the program has ended.</summary>
    public async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> isReady, TimeSpan patience, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await isReady(cancellation))
        {
            if (HasExited)
            {
                throw new BenchException($"{Name} ended with {process.ExitCode} while it started:\n{ReadLogTail()}");
            }

            if (Stopwatch.GetElapsedTime(started) > patience)
            {
                throw new BenchException($"{Name} was not ready within {patience.TotalSeconds:0} s:\n{ReadLogTail()}");
            }

            await Task.Delay(100, cancellation);
        }
    }

    public bool HasPrinted(string text) =>
        File.Exists(LogPath) && File.ReadLines(LogPath).Any(line => line.Contains(text, StringComparison.Ordinal));

    public string ReadLogTail() => File.Exists(LogPath) ? string.Join('\n', File.ReadLines(LogPath).TakeLast(25)) : "(no output)";

    /// <summary>As a crash.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited && Libc.Kill(process.Id, stopSignal) != 0)
        {
            throw new Win32Exception();
        }

        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }
}
