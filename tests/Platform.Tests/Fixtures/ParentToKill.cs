using Microsoft.Extensions.Logging.Abstractions;
using Platform.Persistence.Embedded;
using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>
/// This test assembly started once more as a process that holds children, for tests that kill the parent. Its members are
/// explicit tests, which an ordinary run leaves out.
/// </summary>
public sealed class ParentToKill
{
    private const string FolderVariable = "PLATFORM_TEST_PARENT_FOLDER";

    private static string Folder
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable(FolderVariable);
            Assert.SkipWhen(string.IsNullOrEmpty(folder), "Only runs as the child of another test.");
            return folder!;
        }
    }

    private static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "Platform.Tests.dll");

    /// <summary>Starts the parent and returns it with the process id of what it holds.</summary>
    internal static async Task<(ChildProcess Parent, int HeldId)> StartAsync(string method, string folder, OsAccount? account = null)
    {
        var assembly = Assembly;
        if (account is not null)
        {
            // Another user cannot read a build output under /root.
            var copy = Path.Combine(folder, "copy");
            await RunTool.ReadAsync(["cp", "-r", AppContext.BaseDirectory, copy], TestContext.Current.CancellationToken);
            assembly = Path.Combine(copy, Path.GetFileName(Assembly));
        }

        var parent = await ChildProcess.StartAsync(
            [ServerProcess.DotNet, assembly, "-explicit", "only", "-noColor", "-method", $"{typeof(ParentToKill).FullName}.{method}"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { [FolderVariable] = folder, ["HOME"] = folder },
            account);
        var line = await parent.WaitForLineAsync(line => line.StartsWith("holding ", StringComparison.Ordinal));
        return (parent, int.Parse(line.Split(' ')[1]));
    }

    [Fact(Explicit = true)]
    public async Task Holds_a_database()
    {
        await using var database = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Folder }, NullLogger.Instance, TestContext.Current.CancellationToken);
        await HoldAsync(database.ProcessId);
        Assert.Fail("Nobody ended this process.");
    }

    [Fact(Explicit = true)]
    public async Task Holds_a_child()
    {
        Assert.NotEmpty(Folder);
        await using var child = await ChildProcess.StartAsync(["sleep", "600"]);
        await HoldAsync(child.Id);
        Assert.Fail("Nobody ended this process.");
    }

    private static async Task HoldAsync(int processId)
    {
        await Console.Out.WriteLineAsync($"holding {processId}");
        await Console.Out.FlushAsync();
        await Task.Delay(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
    }
}
