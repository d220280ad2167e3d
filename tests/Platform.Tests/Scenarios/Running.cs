using Platform.Tests.Fixtures;

namespace Platform.Tests.Scenarios;

/// <summary>Server processes that serve.</summary>
internal static class Running
{
    /// <summary>Sweeps often, so that a story about an expired link does not wait half a minute.</summary>
    public static IReadOnlyDictionary<string, string?> FastSweeps { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["PLATFORM_STORAGE__SWEEPSECONDS"] = "0.5",
        ["PLATFORM_TASKS__RESCUESECONDS"] = "1",
    };

    public static async Task<ChildProcess> StartAsync(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> settings)
    {
        var server = await ServerProcess.StartAsync(["serve", .. arguments], settings);
        try
        {
            await server.WaitForLineAsync(static line => line.StartsWith("Ready:", StringComparison.Ordinal));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
