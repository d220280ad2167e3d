using System.Diagnostics;
using Xunit;

namespace Platform.Tests.Media;

/// <summary>Runs a command-line tool and fails the test if the tool fails.</summary>
internal static class Tool
{
    public static async Task<(byte[] Output, string Errors)> RunAsync(string program, IEnumerable<string> arguments, string input = "")
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        using var standardOutput = process.StandardOutput;
        using var standardError = process.StandardError;
        await using (process.StandardInput)
        {
            await process.StandardInput.WriteAsync(input);
        }

        var errors = standardError.ReadToEndAsync();
        using var output = new MemoryStream();
        await standardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} exited with {process.ExitCode}: {await errors}");
        return (output.ToArray(), await errors);
    }
}
