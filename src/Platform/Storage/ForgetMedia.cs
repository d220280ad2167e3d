using Platform.Persistence;

namespace Platform.Storage;

/// <summary>The sweeps over customers' media. Any number of nodes may run them at once.</summary>
internal sealed partial class ForgetMedia(Database database, IBlobStore blobs, ILogger<ForgetMedia> log)
{
    private const int BatchSize = 500;
    private const string Remove = "delete from media where media_uuid = any($1)";
    private static readonly string Unused = SqlText.Load("media-unused");
    private static readonly string Leaving = SqlText.Load("media-leaving");

    /// <summary>Marks what came with tasks that are forgotten, and what a killed process left half stored.</summary>
    public async Task MarkUnusedAsync(CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(Unused);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Deletes what is marked, file first, so that a sweep that was killed is simply run again.</summary>
    /// <param name="progressed">Told after each batch that others follow: a backlog takes its time.</param>
    public async Task DeleteMarkedAsync(CancellationToken cancellation, Action? progressed = null)
    {
        var deleted = 0;
        bool isMoreLeft;
        do
        {
            var batch = await FindAsync(cancellation);
            isMoreLeft = batch.Count == BatchSize;
            await blobs.DeleteAsync(batch.ConvertAll(static medium => medium.BlobKey), cancellation);
            await using var command = database.Relaxed.CreateCommand(Remove);
            command.AddColumn(batch, static medium => medium.MediaUuid);
            await command.ExecuteNonQueryAsync(cancellation);
            deleted += batch.Count;
            if (isMoreLeft)
            {
                progressed?.Invoke();
            }
        }
        while (isMoreLeft);

        if (deleted > 0)
        {
            LogDeleted(log, deleted);
        }
    }

    private async Task<List<StoredMedium>> FindAsync(CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(Leaving);
        command.Add(BatchSize);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var batch = new List<StoredMedium>();
        while (await row.ReadAsync(cancellation))
        {
            batch.Add(new StoredMedium(row.GetGuid(0), row.GetString(1)));
        }

        return batch;
    }

    [LoggerMessage(EventId = 4111, Level = LogLevel.Information, Message = "Deleted {Count} media of customers")]
    private static partial void LogDeleted(ILogger log, int count);
}
