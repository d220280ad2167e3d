using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Persistence;
using Platform.Storage.Packs;

namespace Platform.Storage;

/// <summary>
/// The sweep over what lies in the store and belongs to nobody: files of attempts that were refused or died. Each round looks at a bounded
/// number of files and notes how far it came, so that any number of files is passed over by and by, whoever is killed meanwhile. Two nodes
/// that sweep at once delete nothing that either of them would have kept.
/// </summary>
internal sealed partial class SweepOrphans(
    Database database, IBlobStore blobs, IOptions<StorageOptions> options, TimeProvider time, ILogger<SweepOrphans> log)
{
    private const int BatchSize = 500;
    private const string Place = "select after from sweep_places where sweep = $1";
    private const string GoOn = """
        insert into sweep_places (sweep, after) values ($1, $2) on conflict (sweep) do update set after = excluded.after, swept_at = now()
        """;

    private const string HasTenants = "select exists (select from tenants)";

    private static readonly string Results = SqlText.Load("orphan-results");
    private static readonly string Media = SqlText.Load("orphan-media");

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(HasTenants);
        if (await command.ExecuteScalarAsync(cancellation) is not true)
        {
            // Before a backup comes back its files are there and nothing names them.
            return;
        }

        foreach (var prefix in new[] { BlobKeys.Results, BlobKeys.Media })
        {
            await SweepAsync(prefix, cancellation);
        }
    }

    private async Task SweepAsync(string prefix, CancellationToken cancellation)
    {
        var left = options.Value.OrphansPerSweep;
        var deleted = 0;
        var batch = new List<FoundBlob>(BatchSize);
        var after = await PlaceAsync(prefix, cancellation);
        await foreach (var found in blobs.ListAsync(prefix, after, cancellation))
        {
            batch.Add(found);
            if (batch.Count == BatchSize || batch.Count == left)
            {
                left -= batch.Count;
                deleted += await SweepAsync(prefix, batch, cancellation);
                await GoOnAsync(prefix, found.Key, cancellation);
                batch.Clear();
            }

            if (left <= 0)
            {
                break;
            }
        }

        if (left > 0)
        {
            // The end of the listing: the next round begins anew.
            deleted += await SweepAsync(prefix, batch, cancellation);
            await GoOnAsync(prefix, "", cancellation);
        }

        if (deleted > 0)
        {
            LogDeleted(log, deleted, prefix);
        }
    }

    private async Task<int> SweepAsync(string prefix, List<FoundBlob> batch, CancellationToken cancellation)
    {
        // A young file may belong to an attempt that is about to settle. What bears no name of ours is not ours to delete.
        var newest = time.GetUtcNow() - TimeSpan.FromHours(options.Value.OrphanHours);
        var old = batch.FindAll(found => found.WrittenAt < newest).ConvertAll(static found => found.Key);
        var orphans = prefix == BlobKeys.Results ? await FindResultsAsync(old, cancellation) : await FindMediaAsync(old, cancellation);
        if (orphans.Count > 0)
        {
            await blobs.DeleteAsync(orphans, cancellation);
        }

        return orphans.Count;
    }

    private async Task<List<string>> FindResultsAsync(List<string> keys, CancellationToken cancellation)
    {
        var empty = keys.FindAll(static key => PackKey.IsPack(Path.GetFileName(key)));
        var files = keys.FindAll(static key => BlobKeys.FindResult(key) is not null)
            .ConvertAll(static key => (Key: key, File: BlobKeys.FindResult(key)!.Value));
        await using var command = database.Relaxed.CreateCommand(Results);
        command.AddColumn(files, static one => one.Key);
        command.AddColumn(files, static one => one.File.TaskId);
        command.AddColumn(files, static one => one.File.Attempt);
        command.AddColumn(files, static one => one.File.Index);
        return [.. empty, .. await ReadAsync(command, cancellation)];
    }

    private async Task<List<string>> FindMediaAsync(List<string> keys, CancellationToken cancellation)
    {
        var files = keys.FindAll(static key => BlobKeys.FindMedium(key) is not null);
        await using var command = database.Relaxed.CreateCommand(Media);
        command.AddColumn(files, static key => key);
        command.AddColumn(files, static key => BlobKeys.FindMedium(key)!.Value);
        return await ReadAsync(command, cancellation);
    }

    private async Task<string> PlaceAsync(string prefix, CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(Place);
        command.Add(NameOf(prefix));
        return await command.ExecuteScalarAsync(cancellation) as string ?? "";
    }

    private async Task GoOnAsync(string prefix, string after, CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(GoOn);
        command.Add(NameOf(prefix));
        command.Add(after);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string NameOf(string prefix) => "orphans " + prefix;

    private static async Task<List<string>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var keys = new List<string>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            keys.Add(row.GetString(0));
        }

        return keys;
    }

    [LoggerMessage(EventId = 4121, Level = LogLevel.Information, Message = "Deleted {Count} files under {Prefix} that belonged to nothing")]
    private static partial void LogDeleted(ILogger log, int count, string prefix);
}
