using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Platform.Storage;

/// <summary>Writes a large object in parts; what was begun and failed is taken back, since a store charges for parts that nobody sees.</summary>
internal sealed class S3Parts(AmazonS3Client client, S3Options options)
{
    /// <summary>False when the store takes no parts at all: the object then goes whole.</summary>
    public async Task<bool> WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        InitiateMultipartUploadResponse begun;
        try
        {
            begun = await client.InitiateMultipartUploadAsync(
                new InitiateMultipartUploadRequest { BucketName = options.Bucket, Key = name, ContentType = "application/octet-stream" },
                cancellation);
        }
        catch (AmazonS3Exception fault) when (IsRefusal(fault.StatusCode))
        {
            return false;
        }

        try
        {
            await WriteAllAsync(begun, bytes, cancellation);
            return true;
        }
        catch (Exception fault) when (fault is AmazonServiceException or HttpRequestException or OperationCanceledException)
        {
            await TakeBackAsync(begun);
            throw;
        }
    }

    // Buckets may forbid parts by a policy (403), and simple stores know no such request.
    private static bool IsRefusal(HttpStatusCode status) =>
        status is HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest or HttpStatusCode.Forbidden;

    private async Task WriteAllAsync(InitiateMultipartUploadResponse begun, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var written = new List<PartETag>();
        for (var rest = bytes; rest.Length > 0;)
        {
            var part = rest[..(int)Math.Min(rest.Length, options.PartBytes)];
            using var content = S3Client.StreamOf(part);
            var answer = await client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = options.Bucket,
                    Key = begun.Key,
                    UploadId = begun.UploadId,
                    PartNumber = written.Count + 1,
                    PartSize = part.Length,
                    InputStream = content,
                    UseChunkEncoding = false,
                },
                cancellation);
            written.Add(new PartETag(written.Count + 1, answer.ETag));
            rest = rest[part.Length..];
        }

        await client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = begun.Key, UploadId = begun.UploadId, PartETags = written },
            cancellation);
    }

    private async Task TakeBackAsync(InitiateMultipartUploadResponse begun)
    {
        try
        {
            await client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest { BucketName = options.Bucket, Key = begun.Key, UploadId = begun.UploadId }, CancellationToken.None);
        }
        catch (Exception fault) when (fault is AmazonServiceException or HttpRequestException)
        {
            // The store is away. Its own rule for unfinished uploads takes them, as docs/storage.md asks for.
            return;
        }
    }
}
