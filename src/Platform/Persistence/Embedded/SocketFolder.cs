using System.Text;

namespace Platform.Persistence.Embedded;

/// <summary>Chooses where the Unix socket stands, under the kernel's limit on the length of its path.</summary>
internal static class SocketFolder
{
    /// <summary>Part of the socket's file name; nothing listens on a port of that number.</summary>
    public const string Port = "5432";

    // unix(7): sun_path holds 108 bytes, the closing zero included.
    private const int LongestPath = 107;

    /// <summary>The cluster's own folder, which only the database user can enter, as long as its name is short enough.</summary>
    public static async Task<string> ChooseAsync(string cluster, OsAccount? account, CancellationToken cancellation)
    {
        if (Encoding.UTF8.GetByteCount($"{cluster}/.s.PGSQL.{Port}") <= LongestPath)
        {
            return cluster;
        }

        // mktemp makes it with mode 0700 and a name nobody can take beforehand, as the user who will own the socket.
        var (exitCode, output) = await RunTool.RunAsync(["mktemp", "-d", "/tmp/platform-XXXXXXXX"], account, cancellation);
        return exitCode == 0
            ? output
            : throw new EmbeddedPostgresException($"No folder for the database's socket could be made in /tmp: {output}");
    }

    /// <summary>Removes a folder that was made for the socket alone.</summary>
    public static void Discard(string folder, string cluster)
    {
        if (!string.Equals(folder, cluster, StringComparison.Ordinal) && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
