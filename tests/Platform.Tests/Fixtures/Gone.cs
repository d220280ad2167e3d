using System.Diagnostics;
using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>Waits for the end of a process that is not our child.</summary>
internal static class Gone
{
    /// <summary>A process that has ended but that nobody has buried yet does not run.</summary>
    public static bool Runs(int processId) =>
        File.Exists($"/proc/{processId}/stat") && !File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);

    public static async Task WaitAsync(int processId)
    {
        Process process;
        try
        {
            process = Process.GetProcessById(processId);
        }
        catch (ArgumentException)
        {
            // Gone before we looked.
            return;
        }

        using (process)
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
