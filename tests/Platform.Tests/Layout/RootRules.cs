using System.Diagnostics;

namespace Platform.Tests.Layout;

/// <summary>What may lie at the root of the repository.</summary>
internal static class RootRules
{
    private static readonly HashSet<string> Allowed = new(StringComparer.Ordinal)
    {
        ".ci", ".editorconfig", ".gitattributes", ".github", ".gitignore", "BannedSymbols.txt", "CHANGELOG.md", "CONTRIBUTING.md",
        "Directory.Build.props", "Directory.Packages.props", "LICENSE", "NuGet.config", "Platform.sln", "README.md", "dev",
        "docker-compose.yml", "docs", "global.json", "helm", "k8s", "schemas", "src", "tests",
    };

    public static IEnumerable<Finding> Check(IEnumerable<string> paths) =>
        from name in paths.Select(path => path.Split('/')[0]).Distinct(StringComparer.Ordinal)
        where !Allowed.Contains(name)
        select new Finding(name, 0, "it is new at the root", "a folder that exists, or a decision to add one to this list");

    /// <summary>What git tracks or would add: ignored files are nobody's business. Null where there is no git or no repository.</summary>
    public static async Task<string[]?> ListAsync(string root, CancellationToken cancellation)
    {
        // The repository may belong to another user than the one who runs the tests, as it does in containers.
        var info = new ProcessStartInfo("git",
            ["-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var git = StartOrNull(info);
        if (git is null)
        {
            return null;
        }

        var complaints = git.StandardError.ReadToEndAsync(cancellation);
        var output = await git.StandardOutput.ReadToEndAsync(cancellation);
        await git.WaitForExitAsync(cancellation);
        await complaints;
        return git.ExitCode == 0 ? output.Split('\0', StringSplitOptions.RemoveEmptyEntries) : null;
    }

    private static Process? StartOrNull(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
