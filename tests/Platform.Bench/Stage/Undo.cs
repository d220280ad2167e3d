namespace Platform.Bench.Stage;

/// <summary>For things that are started first and made ready afterwards.</summary>
internal static class Undo
{
    /// <summary>
    /// Gives <paramref name="started"/> when <paramref name="makeReady"/> succeeds, and disposes of it when that fails or is cancelled:
    /// nothing is left running.
    /// </summary>
    public static async Task<T> UnlessDoneAsync<T>(T started, Func<Task> makeReady)
        where T : IAsyncDisposable
    {
        var isReady = false;
        try
        {
            await makeReady();
            isReady = true;
            return started;
        }
        finally
        {
            if (!isReady)
            {
                await started.DisposeAsync();
            }
        }
    }
}
