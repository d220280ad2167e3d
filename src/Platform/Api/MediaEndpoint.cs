using Microsoft.Net.Http.Headers;
using Platform.Delivery;
using Platform.Persistence;
using Platform.Storage;

namespace Platform.Api;

/// <summary><c>GET /media/audio/UUID.EXT</c>: a finished file, by ranges if asked, until its link expires.</summary>
internal sealed class MediaEndpoint(Database database, FolderBlobs blobs, TimeProvider time)
{
    private static readonly string Statement = SqlText.Load("media");

    // A cache may keep a file until its link ends, but a day is enough and lets an erased file vanish.
    private static readonly TimeSpan LongestCaching = TimeSpan.FromDays(1);

    public async Task<IResult> HandleAsync(string file, HttpContext http)
    {
        if (!Guid.TryParseExact(Path.GetFileNameWithoutExtension(file), "D", out var audioUuid)
            || await FindAsync(audioUuid, http.RequestAborted) is not { } media
            || !string.Equals(Path.GetExtension(media.BlobKey), Path.GetExtension(file), StringComparison.Ordinal)
            || blobs.Find(media.BlobKey) is not { } stored)
        {
            return Results.NotFound();
        }

        var left = media.ExpiresAt - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            return Results.NotFound();
        }

        var seconds = (long)Math.Min(left.TotalSeconds, LongestCaching.TotalSeconds);
        http.Response.Headers.CacheControl = $"public, max-age={seconds}, immutable";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.File(
            stored.FullName,
            MediaTypes.OfFile(file),
            entityTag: new EntityTagHeaderValue($"\"{audioUuid:N}\""),
            enableRangeProcessing: true);
    }

    private async Task<StoredMedia?> FindAsync(Guid audioUuid, CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(Statement);
        command.Add(audioUuid);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new StoredMedia(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1))
            : null;
    }

    private sealed record StoredMedia(string BlobKey, DateTimeOffset ExpiresAt);
}
