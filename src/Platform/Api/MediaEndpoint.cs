using Microsoft.Net.Http.Headers;
using Platform.Delivery;
using Platform.Storage;

namespace Platform.Api;

/// <summary><c>GET /media/audio/UUID.EXT</c>: a finished file, by ranges if asked, until its link expires.</summary>
internal sealed class MediaEndpoint(PublicMedia files, IBlobStore store, VerifiedBlobs blobs, TimeProvider time)
{
    // A cache may keep a file until its link ends, but a day is enough and lets an erased file vanish.
    private static readonly TimeSpan LongestCaching = TimeSpan.FromDays(1);

    public async Task HandleAsync(string file, HttpContext http)
    {
        if (!Guid.TryParseExact(Path.GetFileNameWithoutExtension(file), "D", out var audioUuid)
            || await files.FindAsync(audioUuid, http.RequestAborted) is not { } media
            || !string.Equals(Path.GetExtension(media.BlobKey), Path.GetExtension(file), StringComparison.Ordinal)
            || media.ExpiresAt - time.GetUtcNow() is var left && left <= TimeSpan.Zero)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            await AnswerAsync(media, left, new EntityTagHeaderValue($"\"{audioUuid:N}\""), http);
        }
        catch (DamagedBlobException)
        {
            await RefuseAsync(http, StatusCodes.Status500InternalServerError, "The stored file is damaged and is not handed out.");
        }
        catch (IOException) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            http.Response.Headers.RetryAfter = "5";
            await RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, "The file cannot be read just now.");
        }
    }

    private async Task AnswerAsync(PublicFile media, TimeSpan left, EntityTagHeaderValue tag, HttpContext http)
    {
        var type = MediaTypes.OfFile(media.BlobKey);
        if (HttpMethods.IsGet(http.Request.Method) && store.SignLink(media.BlobKey, new LinkTerms(left, type)) is { } link)
        {
            // The link that it leads to ends soon, so that nobody may remember where it led.
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Redirect(link.AbsoluteUri, permanent: false, preserveMethod: true);
            return;
        }

        SetCaching(http, left);
        if (IsKnown(http.Request, tag))
        {
            http.Response.Headers.ETag = tag.ToString();
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var answer = HttpMethods.IsHead(http.Request.Method)
            ? await HeadAsync(media.BlobKey, type, tag, http)
            : await WholeAsync(media.BlobKey, type, tag, http);
        if (!answer)
        {
            http.Response.Headers.CacheControl = "no-store";
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private async Task<bool> WholeAsync(string key, string type, EntityTagHeaderValue tag, HttpContext http)
    {
        using var blob = await blobs.OpenAsync(key, http.RequestAborted);
        if (blob is null)
        {
            return false;
        }

        var result = blob.Stream is { } stream
            ? Results.Stream(stream, type, entityTag: tag, enableRangeProcessing: true)
            : Results.Bytes(blob.Buffer, type, entityTag: tag, enableRangeProcessing: true);
        await result.ExecuteAsync(http);
        return true;
    }

    private async Task<bool> HeadAsync(string key, string type, EntityTagHeaderValue tag, HttpContext http)
    {
        await using var stream = await store.OpenAsync(key, http.RequestAborted);
        if (stream is null)
        {
            return false;
        }

        await Results.Stream(stream, type, entityTag: tag, enableRangeProcessing: true).ExecuteAsync(http);
        return true;
    }

    private static void SetCaching(HttpContext http, TimeSpan left)
    {
        var seconds = (long)Math.Min(left.TotalSeconds, LongestCaching.TotalSeconds);
        http.Response.Headers.CacheControl = $"public, max-age={seconds}, immutable";
        http.Response.Headers.XContentTypeOptions = "nosniff";
    }

    private static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) =>
        request.Headers.IfNoneMatch.Count > 0
        && request.GetTypedHeaders().IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false));

    private static Task RefuseAsync(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(reason);
    }
}
