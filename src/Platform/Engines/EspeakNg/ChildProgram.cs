using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;

namespace Platform.Engines.EspeakNg;

/// <summary>What to run: text goes in through standard input only, as arguments are visible to every user of the machine.</summary>
/// <param name="OutputLimit">Bytes of standard output after which the program is killed.</param>
internal sealed record ChildCommand(string Program, IReadOnlyList<string> Arguments, ReadOnlyMemory<byte> Input, int OutputLimit);

/// <summary>How it ended.</summary>
/// <param name="ExitCode">128 + the signal's number if a signal ended it.</param>
/// <param name="Output">Standard output, at most the limit.</param>
/// <param name="LimitHit">It had more to say and was killed; the exit code means nothing then.</param>
internal sealed record ChildOutcome(int ExitCode, ReadOnlyMemory<byte> Output, bool LimitHit)
{
    /// <summary>The program could not be started at all.</summary>
    public static readonly ChildOutcome NotStarted = new(-1, default, LimitHit: false);

    public bool Started => this != NotStarted;
}

/// <summary>Runs a program to its end. Nothing of it outlives the call: not the process, not a zombie, not a pipe.</summary>
internal static class ChildProgram
{
    /// <exception cref="OperationCanceledException">Cancelled; the program has been killed and reaped.</exception>
    public static async Task<ChildOutcome> RunAsync(ChildCommand command, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var process = new Process { StartInfo = StartInfoOf(command) };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return ChildOutcome.NotStarted;
        }

        try
        {
            ChildOutcome outcome;
            // The pipes end when the process does, so killing it is all that cancellation needs to do.
            await using (cancellation.UnsafeRegister(static started => ((Process)started!).Kill(), process))
            {
                outcome = await ConverseAsync(process, command);
            }

            cancellation.ThrowIfCancellationRequested();
            return outcome;
        }
        finally
        {
            // Reached with a living process only if a pipe broke in a way that was not foreseen.
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static ProcessStartInfo StartInfoOf(ChildCommand command)
    {
        var info = new ProcessStartInfo(command.Program, command.Arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The child needs none of the platform's settings, which hold secrets; and HOME would let espeak-ng pick up other data.
        info.Environment.Clear();
        info.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        info.Environment["LC_ALL"] = "C.UTF-8";
        return info;
    }

    private static async Task<ChildOutcome> ConverseAsync(Process process, ChildCommand command)
    {
        // A process that is disposed leaves the streams open that somebody has asked for.
        using var errors = process.StandardError;
        using var results = process.StandardOutput;
        var writing = WriteAsync(process.StandardInput.BaseStream, command.Input);
        var complaints = errors.BaseStream.CopyToAsync(Stream.Null);
        var (output, limitHit) = await ReadAsync(results.BaseStream, command.OutputLimit);
        if (limitHit)
        {
            process.Kill();
        }

        await writing;
        await complaints;
        await process.WaitForExitAsync(CancellationToken.None);
        return new ChildOutcome(process.ExitCode, output, limitHit);
    }

    private static async Task WriteAsync(Stream input, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await using (input)
            {
                await input.WriteAsync(bytes);
            }
        }
        catch (IOException)
        {
            // The program ended before it had read everything; its exit code tells why.
            return;
        }
    }

    private static async Task<(ReadOnlyMemory<byte> Output, bool LimitHit)> ReadAsync(Stream output, int limit)
    {
        var read = new ArrayBufferWriter<byte>(64 * 1024);
        while (read.WrittenCount <= limit)
        {
            var count = await output.ReadAsync(read.GetMemory(32 * 1024));
            if (count == 0)
            {
                return (read.WrittenMemory, false);
            }

            read.Advance(count);
        }

        return (read.WrittenMemory[..limit], true);
    }
}
