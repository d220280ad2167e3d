namespace Platform.Tests.Fixtures;

/// <summary>The real server as a process of its own: <c>dotnet Platform.Server.dll …</c>.</summary>
internal static class ServerProcess
{
    /// <summary>Built beside the tests, in the same configuration.</summary>
    public static string Assembly { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../Platform.Server", new DirectoryInfo(AppContext.BaseDirectory).Name, "Platform.Server.dll"));

    /// <summary>The runtime that runs the tests, or the one on PATH when they run by their own executable.</summary>
    public static string DotNet { get; } =
        Path.GetFileName(Environment.ProcessPath) is "dotnet" ? Environment.ProcessPath! : "dotnet";

    public static Task<ChildProcess> StartAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) =>
        ChildProcess.StartAsync([DotNet, Assembly, .. arguments], environment);
}
