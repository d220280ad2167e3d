namespace Platform.Bench;

/// <summary>The folder that holds <c>Platform.sln</c>.</summary>
internal static class RepositoryRoot
{
    public static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Platform.sln")))
            {
                return folder.FullName;
            }
        }

        throw new BenchException("the bench has to lie inside the repository: there is no Platform.sln above it");
    }
}
