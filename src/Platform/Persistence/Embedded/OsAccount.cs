namespace Platform.Persistence.Embedded;

/// <summary>A user of the operating system that a child runs as, because PostgreSQL refuses to run as root.</summary>
internal sealed record OsAccount(string Name, uint User, uint Group)
{
    /// <summary>What makes <c>setpriv</c> become this user, for good and without any of root's groups.</summary>
    public IReadOnlyList<string> SetprivArguments => [$"--reuid={User}", $"--regid={Group}", "--clear-groups"];

    /// <summary>
    /// Null when this process is not root and children simply stay the same user. Else the owner of the existing cluster,
    /// or <c>postgres</c>, or <c>nobody</c>.
    /// </summary>
    public static async Task<OsAccount?> ForDatabaseAsync(string? existingCluster, CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        if (existingCluster is not null)
        {
            var owner = await RunTool.ReadAsync(["stat", "-c", "%u %g", "--", existingCluster], cancellation);
            var ids = owner.Split(' ').Select(uint.Parse).ToArray();
            if (ids[0] != 0)
            {
                return new OsAccount($"#{ids[0]}", ids[0], ids[1]);
            }
        }

        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3).ToList();
        var row = users.Find(fields => fields[0] is "postgres") ?? users.Find(fields => fields[0] is "nobody")
            ?? throw new EmbeddedPostgresException(
                "PostgreSQL does not run as root, and there is no user postgres or nobody: start this program as an ordinary user.");
        return new OsAccount(row[0], uint.Parse(row[2]), uint.Parse(row[3]));
    }
}
