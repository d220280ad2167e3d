namespace Platform.Persistence.Embedded;

/// <summary>One installed PostgreSQL: its major version and the folder with <c>postgres</c> and <c>initdb</c>.</summary>
internal sealed record PostgresBinaries(int Major, string Folder)
{
    public const int OldestMajor = 15;

    private const string DebianFolder = "/usr/lib/postgresql";

    public string Server => Path.Combine(Folder, "postgres");

    public string InitDb => Path.Combine(Folder, "initdb");

    /// <summary>
    /// The version that made the existing cluster, since a cluster opens with no other; without a cluster the newest one.
    /// </summary>
    public static async Task<PostgresBinaries> FindAsync(string? folder, string? cluster, CancellationToken cancellation)
    {
        var installed = folder is null ? await SearchAsync(cancellation) : [await InspectAsync(folder, cancellation)];
        if (cluster is not null)
        {
            var major = int.Parse((await File.ReadAllTextAsync(Path.Combine(cluster, "PG_VERSION"), cancellation)).Trim());
            return installed.Find(one => one.Major == major) ?? throw new EmbeddedPostgresException(
                $"The database in {cluster} was made by PostgreSQL {major}, but here is {Describe(installed)}: "
                + $"install postgresql-{major}, or move the data with pg_dump and a new data folder.");
        }

        return installed.Where(one => one.Major >= OldestMajor).MaxBy(one => one.Major) ?? throw new EmbeddedPostgresException(
            $"PostgreSQL {OldestMajor} or newer is needed, but here is {Describe(installed)}: "
            + "install the package postgresql (on Debian and Ubuntu: apt-get install postgresql).");
    }

    private static string Describe(List<PostgresBinaries> installed) =>
        installed.Count == 0 ? "none" : string.Join(" and ", installed.Select(one => $"version {one.Major} in {one.Folder}"));

    private static async Task<List<PostgresBinaries>> SearchAsync(CancellationToken cancellation)
    {
        // Debian keeps server programs out of PATH and names the folder by the major version.
        var found = (Directory.Exists(DebianFolder) ? Directory.GetDirectories(DebianFolder) : [])
            .Where(version => int.TryParse(Path.GetFileName(version), out _) && HasPrograms(Path.Combine(version, "bin")))
            .Select(version => new PostgresBinaries(int.Parse(Path.GetFileName(version)), Path.Combine(version, "bin")))
            .ToList();
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (var folder in path.Where(HasPrograms))
        {
            found.Add(await InspectAsync(folder, cancellation));
        }

        return found;
    }

    // A link to a version that was removed still "exists".
    private static bool HasPrograms(string folder) =>
        IsThere(Path.Combine(folder, "postgres")) && IsThere(Path.Combine(folder, "initdb"));

    private static bool IsThere(string program) =>
        File.Exists(program) && File.ResolveLinkTarget(program, returnFinalTarget: true) is null or { Exists: true };

    private static async Task<PostgresBinaries> InspectAsync(string folder, CancellationToken cancellation)
    {
        // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", and "17beta1" before a release.
        var answer = await RunTool.ReadAsync([Path.Combine(folder, "postgres"), "--version"], cancellation);
        var digits = answer.Split(' ').ElementAtOrDefault(2)?.TakeWhile(char.IsAsciiDigit).ToArray();
        return int.TryParse(digits, out var major)
            ? new PostgresBinaries(major, folder)
            : throw new EmbeddedPostgresException($"{folder}/postgres does not say which version it is: {answer}");
    }
}
