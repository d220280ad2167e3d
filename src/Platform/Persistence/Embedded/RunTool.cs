using System.ComponentModel;
using System.Diagnostics;

namespace Platform.Persistence.Embedded;

/// <summary>Runs a short program of the operating system to its end.</summary>
internal static class RunTool
{
    /// <summary>The exit code and everything it wrote, output before errors.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        IReadOnlyList<string> command, OsAccount? account, CancellationToken cancellation)
    {
        string[] line = account is null ? [.. command] : ["setpriv", .. account.SetprivArguments, "--", .. command];
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(line[0], line.Skip(1))
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                // A user without rights on our folder must still be able to start there.
                WorkingDirectory = "/",
            },
        };
        process.StartInfo.Environment["LC_ALL"] = "C";
        Start(process);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, (await output + await errors).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>What the program wrote; an exception when it failed.</summary>
    public static async Task<string> ReadAsync(IReadOnlyList<string> command, CancellationToken cancellation)
    {
        var (exitCode, output) = await RunAsync(command, account: null, cancellation);
        return exitCode == 0 ? output : throw new EmbeddedPostgresException($"{string.Join(' ', command)} failed: {output}");
    }

    private static void Start(Process process)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception cause)
        {
            throw new EmbeddedPostgresException($"Cannot start {process.StartInfo.FileName}: {cause.Message}.", cause);
        }
    }
}
