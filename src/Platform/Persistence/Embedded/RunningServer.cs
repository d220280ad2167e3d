namespace Platform.Persistence.Embedded;

/// <summary>The private server that another process runs on a data folder: a verb works beside it instead of asking for its end.</summary>
internal static class RunningServer
{
    // Lines of postmaster.pid: process, cluster, start, port, socket folder, … The file format is the same since PostgreSQL 9.1.
    private const int SocketLine = 4;

    /// <summary>How to reach it; null where nobody runs one.</summary>
    public static string? FindConnection(string dataFolder)
    {
        var home = PostgresHome.Remembered(Path.GetFullPath(dataFolder));
        if (home.ExistingCluster is not { } cluster || !IsHeld(home.LockFile))
        {
            return null;
        }

        var pidFile = Path.Combine(cluster, "postmaster.pid");
        return File.Exists(pidFile) && File.ReadLines(pidFile).ElementAtOrDefault(SocketLine) is { Length: > 0 } socketFolder
            ? EmbeddedPostgres.Connect(EmbeddedPostgres.Role, socketFolder)
            : null;
    }

    private static bool IsHeld(string lockFile)
    {
        if (!File.Exists(lockFile))
        {
            return false;
        }

        try
        {
            using var free = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
