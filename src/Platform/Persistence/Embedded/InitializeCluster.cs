namespace Platform.Persistence.Embedded;

/// <summary>Makes an empty cluster. It appears under its final name only when it is complete and on the disk.</summary>
internal static class InitializeCluster
{
    /// <param name="durable">False only for throw-away clusters, which may then be lost with the power.</param>
    public static async Task RunAsync(RunningCluster running, bool durable, CancellationToken cancellation)
    {
        var (home, binaries, account) = (running.Home, running.Binaries, running.Account);
        if (Directory.Exists(home.Cluster))
        {
            throw new EmbeddedPostgresException(
                $"{home.Cluster} exists but is no database that this user can read: start as its owner, or with another data folder.");
        }

        // initdb writes PG_VERSION early: a killed initdb in place would look like a cluster for ever.
        var draft = home.Cluster + ".new";
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }

        Directory.CreateDirectory(draft);
        if (account is not null)
        {
            Native.ChangeOwner(draft, account.User, account.Group);
        }

        var (exitCode, output) = await RunTool.RunAsync(Command(binaries, draft, durable), account, cancellation);
        if (exitCode != 0)
        {
            throw EmbeddedPostgresException.FromOutput(
                "The database could not be created.", output.Split('\n').TakeLast(15).ToList(), home.Folder);
        }

        Directory.Move(draft, home.Cluster);
        if (durable)
        {
            // Without this a power cut could undo the rename, and the next start would begin with an empty database.
            await RunTool.ReadAsync(["sync", home.Folder], cancellation);
        }
    }

    private static List<string> Command(PostgresBinaries binaries, string folder, bool durable) =>
    [
        binaries.InitDb, "-D", folder, "-U", EmbeddedPostgres.Role,
        // Byte order never changes; a language's order comes from glibc, and its upgrades corrupt indexes silently
        // (https://wiki.postgresql.org/wiki/Locale_data_changes).
        "--encoding=UTF8", "--locale=C",
        // The socket stands in a folder that only the database user and root can enter.
        "--auth-local=trust", "--auth-host=reject",
        "--data-checksums",
        .. durable ? [] : new[] { "--no-sync" },
    ];
}
