using System.Diagnostics.CodeAnalysis;
using Platform.Persistence.Embedded;
using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>The one rule for things a test needs and this machine lacks: skipped by name at home, failed on CI.</summary>
internal static class Needed
{
    public static bool OnCi => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <param name="what">What is missing and how to get it.</param>
    [DoesNotReturn]
    public static void Missing(string what)
    {
        if (OnCi)
        {
            throw new InvalidOperationException($"CI runs every test, but {what}");
        }

        Assert.Skip(what);
    }

    /// <summary>PostgreSQL's server programs, in a version this platform works with.</summary>
    public static async Task PostgresAsync()
    {
        try
        {
            await PostgresBinaries.FindAsync(folder: null, cluster: null, TestContext.Current.CancellationToken);
        }
        catch (EmbeddedPostgresException missing)
        {
            Missing(missing.Message);
        }
    }

    /// <summary>The first of the programs' paths that exists.</summary>
    public static string Program(string name, params IEnumerable<string> folders)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var found = folders.Concat(path).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (found is null)
        {
            Missing($"{name} is not installed: ./dev test installs it.");
        }

        return found;
    }
}
