using Platform.Persistence;

namespace Platform.Storage;

/// <summary>The sweep that deletes what has expired. Any number of nodes may run it at once, and a killed one leaves nothing half done.</summary>
internal sealed partial class ExpireMedia(Database database, IBlobStore blobs, TimeProvider time, ILogger<ExpireMedia> log)
{
    private const int BatchSize = 500;
    private static readonly string Expired = SqlText.Load("expired-media");
    private static readonly string Mark = SqlText.Load("mark-deleted");

    /// <param name="progressed">Told after each batch that others follow: a backlog takes its time.</param>
    public async Task RunAsync(CancellationToken cancellation, Action? progressed = null)
    {
        var deleted = 0;
        bool isMoreLeft;
        do
        {
            // What expires meanwhile is the next sweep's: files end all the time, and this one has to.
            var batch = await FindAsync(cancellation);
            isMoreLeft = batch.Count == BatchSize;
            await blobs.DeleteAsync(batch.ConvertAll(static media => media.BlobKey), cancellation);
            await using var command = database.Relaxed.CreateCommand(Mark);
            command.AddColumn(batch, static media => media.AudioUuid);
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

    private async Task<List<(Guid AudioUuid, string BlobKey)>> FindAsync(CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(Expired);
        command.Add(time.GetUtcNow());
        command.Add(BatchSize);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var batch = new List<(Guid, string)>();
        while (await row.ReadAsync(cancellation))
        {
            batch.Add((row.GetGuid(0), row.GetString(1)));
        }

        return batch;
    }

    [LoggerMessage(EventId = 4101, Level = LogLevel.Information, Message = "Deleted {Count} files whose links had expired")]
    private static partial void LogDeleted(ILogger log, int count);
}
