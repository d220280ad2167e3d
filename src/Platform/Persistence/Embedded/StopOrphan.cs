using Microsoft.Extensions.Logging;

namespace Platform.Persistence.Embedded;

/// <summary>
/// Ends what a killed parent left behind on our cluster. The caller holds the lock of the home, so no live parent owns it.
/// </summary>
internal static partial class StopOrphan
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task RunAsync(string cluster, TimeSpan patience, ILogger logger, CancellationToken cancellation)
    {
        var pidFile = Path.Combine(cluster, "postmaster.pid");
        var named = File.Exists(pidFile) && int.TryParse(File.ReadLines(pidFile).FirstOrDefault(), out var id) ? id : 0;
        var left = FindServers(cluster);
        if (left.Contains(named))
        {
            LogOrphan(logger, named, cluster);
            Native.Signal(named, Native.Interrupt);
            left = await WaitAsync(cluster, patience, cancellation);
        }

        // A postmaster that does not end in time, or a backend that outlived its postmaster in the middle of a statement.
        left.ForEach(process => Native.Signal(process, Native.Quit));
        left = await WaitAsync(cluster, patience, cancellation);
        if (left.Count > 0)
        {
            throw new EmbeddedPostgresException(
                $"Process {left[0]}, left behind by an earlier start, still works in {cluster} and does not end: end it by hand.");
        }

        // Every container start hands out the same few numbers again, and PostgreSQL refuses to start as long as any
        // process has the number in the file. Nobody works on the cluster, so the file says nothing any more.
        if (named > 0 && Directory.Exists($"/proc/{named}"))
        {
            File.Delete(pidFile);
        }
    }

    private static async Task<List<int>> WaitAsync(string cluster, TimeSpan patience, CancellationToken cancellation)
    {
        // They are not our children, so the kernel does not tell us about their end: looking is the only way.
        using var timer = new PeriodicTimer(Pause);
        var left = FindServers(cluster);
        for (var spent = TimeSpan.Zero; left.Count > 0 && spent < patience; spent += Pause)
        {
            await timer.WaitForNextTickAsync(cancellation);
            left = FindServers(cluster);
        }

        return left;
    }

    // A postgres process has its cluster as working folder all its life, which is the proof that it is ours.
    private static List<int> FindServers(string cluster)
    {
        var real = Resolve(cluster);
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && WorksIn(id, real))];
    }

    private static bool WorksIn(int processId, string cluster)
    {
        try
        {
            return string.Equals(new FileInfo($"/proc/{processId}/cwd").LinkTarget, cluster, StringComparison.Ordinal)
                && string.Equals(File.ReadAllText($"/proc/{processId}/comm").Trim(), "postgres", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked, or it is another user's, which a process on our cluster cannot be.
            return false;
        }
    }

    // The kernel reports real paths; a data folder may be reached over a symbolic link.
    private static string Resolve(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var real = Path.Combine(Resolve(parent), Path.GetFileName(path));
        return Directory.ResolveLinkTarget(real, returnFinalTarget: true)?.FullName ?? real;
    }

    [LoggerMessage(201, LogLevel.Warning, "Stopping the database process {ProcessId} that an earlier start left behind on {Cluster}.")]
    private static partial void LogOrphan(ILogger logger, int processId, string cluster);
}
