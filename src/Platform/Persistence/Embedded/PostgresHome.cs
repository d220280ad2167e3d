using System.Security.Cryptography;

namespace Platform.Persistence.Embedded;

/// <summary>
/// The folder that holds the cluster: the data folder, or, when the database user cannot enter that one (a clone under
/// <c>/root</c>), a folder elsewhere that a pointer file in the data folder names.
/// </summary>
internal sealed record PostgresHome(string Folder)
{
    public const string PointerFile = "postgres.location";

    private const string Elsewhere = "/var/lib/platform";

    public string Cluster => Path.Combine(Folder, "postgres");

    public string LockFile => Path.Combine(Folder, "postgres.lock");

    /// <summary>Null before the first start has succeeded.</summary>
    public string? ExistingCluster => File.Exists(Path.Combine(Cluster, "PG_VERSION")) ? Cluster : null;

    /// <summary>Whether there is a cluster or the beginning of one, though it may be somebody else's and not readable.</summary>
    public bool HasCluster => Directory.Exists(Cluster);

    /// <summary>The home that an earlier start chose; the data folder itself when there was none.</summary>
    public static PostgresHome Remembered(string dataFolder)
    {
        var pointer = Path.Combine(dataFolder, PointerFile);
        if (!File.Exists(pointer))
        {
            return new PostgresHome(dataFolder);
        }

        var folder = File.ReadAllText(pointer).Trim();
        return Directory.Exists(folder) ? new PostgresHome(folder) : throw new EmbeddedPostgresException(
            $"The database was kept in {folder}, which is gone: put it back, or delete {pointer} to start with an empty database.");
    }

    /// <summary>Checks that the database user can enter; before the first start a new home elsewhere is made if not.</summary>
    public async Task<PostgresHome> MakeReachableAsync(string dataFolder, OsAccount? account, CancellationToken cancellation)
    {
        if (account is null || await CanEnterAsync(Folder, account, cancellation))
        {
            return this;
        }

        // Only a home without a cluster may be left: starting empty beside existing data would look like lost data.
        if (ExistingCluster is not null)
        {
            throw new EmbeddedPostgresException(
                $"The database user {account.Name} cannot enter {Folder}, which holds the database: "
                + "give it the right to pass (chmod o+x) on every folder above, or start with another data folder.");
        }

        // A name of its own, not one derived from the path: whoever deletes the data folder gets an empty database next time.
        var name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        var home = new PostgresHome(Path.Combine(Elsewhere, name));
        Directory.CreateDirectory(home.Folder);
        Native.ChangeMode(Elsewhere, Native.Passable);
        Native.ChangeMode(home.Folder, Native.Passable);
        await File.WriteAllTextAsync(Path.Combine(home.Folder, "belongs-to"), dataFolder + "\n", cancellation);
        await File.WriteAllTextAsync(Path.Combine(dataFolder, PointerFile), home.Folder + "\n", cancellation);
        return home;
    }

    private static async Task<bool> CanEnterAsync(string folder, OsAccount account, CancellationToken cancellation) =>
        (await RunTool.RunAsync(["test", "-x", folder], account, cancellation)).ExitCode == 0;
}
