namespace Platform.Tests.Layout;

/// <summary>All C# files of one root under <c>src</c> and <c>tests</c>.</summary>
internal sealed class SourceTree
{
    private static readonly Lazy<SourceTree> Own = new(() => new SourceTree(FindRoot()));

    public SourceTree(string root)
    {
        Root = root;
        Files = [.. new[] { "src", "tests" }
            .Select(folder => Path.Combine(root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "artifacts"))
            .Order(StringComparer.Ordinal)
            .Select(path => SourceFile.Of(path, File.ReadAllText(Path.Combine(root, path))))];
    }

    /// <summary>The tree that this assembly was built from, or the one that <c>PLATFORM_LAYOUT_ROOT</c> names.</summary>
    public static SourceTree Current => Own.Value;

    public string Root { get; }

    public IReadOnlyList<SourceFile> Files { get; }

    private static string FindRoot()
    {
        if (Environment.GetEnvironmentVariable("PLATFORM_LAYOUT_ROOT") is { Length: > 0 } given)
        {
            return given;
        }

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Platform.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("there is no Platform.sln above the test assembly");
        }

        return folder.FullName;
    }
}
