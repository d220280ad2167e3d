using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>The end of a process that is not our child.</summary>
internal static class Gone
{
    /// <summary>A process that has ended but that nobody has buried yet does not run.</summary>
    public static bool Runs(int processId)
    {
        try
        {
            return !File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // No such process, or it went while we read.
            return false;
        }
    }

    public static async Task WaitAsync(int processId)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));

        // The kernel tells only the parent, so looking is the only way.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (Runs(processId))
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
