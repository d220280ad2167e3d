using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Platform.Hosting;
using Platform.Persistence;
using Platform.Storage;
using Platform.Telemetry;

namespace Platform.Server;

/// <summary><c>backup</c> and <c>restore</c>: the database as one snapshot, then the files that it names. Beside a running platform.</summary>
internal static class BackupVerbs
{
    private const string Dump = "database.dump";
    private const string Media = "media";
    private const string Manifest = "backup.json";

    // What the embedded mode keeps beside its database.
    private static readonly string[] Keys = ["admin.key", "demo.key"];

    private static readonly Option<bool> Json = Verb.Json();

    private static readonly Option<bool> NoMedia = new("--no-media")
    {
        Description = "The database alone: files are backed up otherwise, or lie in a bucket.",
    };

    public static Command CreateBackup()
    {
        var to = new Option<string>("--to") { Required = true, Description = "A new folder. It will hold customers' data and, embedded, keys: keep it safe." };
        return Verb.Make("backup", "Copy database and files to a folder.", [to, NoMedia, Json], async (services, given, cancellation) =>
        {
            var folder = Path.GetFullPath(given.GetValue(to)!);
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            {
                throw new VerbRefusedException($"{folder} is not empty: a backup is never mixed with another.");
            }

            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

            // The database first: a row in it has its file already, and a file without a row is an orphan that a sweep finds.
            await DumpDatabase.WriteAsync(services.Get<Database>(), Path.Combine(folder, Dump), cancellation);
            var data = services.Get<DataFolder>();
            CopyKeys(data.Path, folder);
            var files = given.GetValue(NoMedia) ? 0 : CopyMedia(MediaFolder(services), Path.Combine(folder, Media), cancellation);
            await File.WriteAllTextAsync(
                Path.Combine(folder, Manifest),
                JsonSerializer.Serialize(new { version = TelemetrySetup.Version, at = services.Get<TimeProvider>().GetUtcNow(), files }),
                cancellation);
            Verb.Answer(given.GetValue(Json), new { Folder = folder, Files = files }, $"The database and {files} files are in {folder}.");
        });
    }

    public static Command CreateRestore()
    {
        var from = new Option<string>("--from") { Required = true, Description = "A folder that 'backup' made." };
        return Verb.MakeFounding(
            "restore", "Bring a backup back into an empty database and an empty folder; no other process may run meanwhile.", [from, NoMedia, Json],
            given => ThrowUnlessWhole(Path.GetFullPath(given.GetValue(from)!)),
            async (services, given, cancellation) =>
            {
                var folder = Path.GetFullPath(given.GetValue(from)!);

                // Asked before the database has changed: a second try would be refused.
                var source = Path.Combine(folder, Media);
                var target = given.GetValue(NoMedia) || !Directory.Exists(source) ? null : MediaFolder(services);
                var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, Manifest), cancellation))!;
                var database = services.Get<Database>();
                await DumpDatabase.ReadAsync(database, Path.Combine(folder, Dump), cancellation);
                await using (var fresh = new Database(database.ConnectionString, maxConnections: 2))
                {
                    await MigrateDatabase.ApplyAsync(fresh.Durable, services.Get<ILoggerFactory>().CreateLogger("Platform"), cancellation);
                }

                CopyKeys(folder, services.Get<DataFolder>().Path);
                var files = target is null ? 0 : CopyMedia(source, target, cancellation);
                Verb.Answer(
                    given.GetValue(Json), new { Files = files, From = manifest["at"] },
                    $"Restored the state of {manifest["at"]} with {files} files. Run 'reconcile' before you let customers in.");
            });
    }

    private static void ThrowUnlessWhole(string folder)
    {
        if (!File.Exists(Path.Combine(folder, Manifest)))
        {
            throw new VerbRefusedException($"{folder} holds no whole backup: {Manifest} is written last, and is missing.");
        }
    }

    private static string MediaFolder(IServiceProvider services) => services.Get<IOptions<S3Options>>().Value.Bucket.Length > 0
        ? throw new VerbRefusedException(
            "files lie in a bucket: back that up with the store's own means (versioning, replication), and the database here with --no-media.")
        : services.Get<IOptions<StorageOptions>>().Value.Folder is { Length: > 0 } given ? given : services.Get<DataFolder>().PathOf(Media);

    private static int CopyMedia(string source, string target, CancellationToken cancellation)
    {
        var files = Directory.Exists(source)
            ? Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Where(static file => !Path.GetFileName(file).StartsWith('.')).ToList()
            : [];
        var progress = new Progress("files", files.Count);
        var copied = 0;
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            copied += Copy(file, Path.Combine(target, Path.GetRelativePath(source, file))) ? 1 : 0;
            progress.Advance();
        }

        progress.Finish();
        return copied;
    }

    // A file may expire and be deleted while others are copied.
    private static bool Copy(string file, string target)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            SparseCopy.Run(file, target);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static void CopyKeys(string from, string to)
    {
        foreach (var key in Keys.Where(key => File.Exists(Path.Combine(from, key))))
        {
            Directory.CreateDirectory(to);
            SecretFile.Write(Path.Combine(to, key), File.ReadAllText(Path.Combine(from, key)).Trim());
        }
    }
}
