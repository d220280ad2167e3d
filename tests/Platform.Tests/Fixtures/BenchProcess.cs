namespace Platform.Tests.Fixtures;

/// <summary>The benchmark's program as a process of its own, for the servers that it can be.</summary>
internal static class BenchProcess
{
    private static readonly string Assembly = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../Platform.Bench", new DirectoryInfo(AppContext.BaseDirectory).Name, "Platform.Bench.dll"));

    public static Task<ChildProcess> StartAsync(params string[] arguments) =>
        ChildProcess.StartAsync([ServerProcess.DotNet, Assembly, .. arguments]);
}
