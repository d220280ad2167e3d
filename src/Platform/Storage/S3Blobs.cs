using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Options;

namespace Platform.Storage;

/// <summary>Objects in a bucket of an S3-compatible store.</summary>
internal sealed class S3Blobs : IBlobStore, IDisposable
{
    // More is refused by the protocol: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    private const int MostDeleted = 1000;

    private readonly S3Options _options;
    private readonly Lazy<AmazonS3Client> _client;
    private readonly Lazy<AmazonS3Client> _public;
    private readonly Lazy<S3Parts> _parts;
    private readonly TimeProvider _time;

    public S3Blobs(IOptions<S3Options> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _client = new Lazy<AmazonS3Client>(() => S3Client.Create(_options, _options.Endpoint));
        _public = new Lazy<AmazonS3Client>(() => S3Client.Create(_options, S3Client.PublicEndpointOf(_options)));
        _parts = new Lazy<S3Parts>(() => new S3Parts(_client.Value, _options));
    }

    public Task WriteAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => S3Fault.MapAsync(async () =>
    {
        if (bytes.Length > _options.PartBytes && await _parts.Value.WriteAsync(NameOf(key), bytes, cancellation))
        {
            return true;
        }

        using var content = S3Client.StreamOf(bytes);
        await _client.Value.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = _options.Bucket,
                Key = NameOf(key),
                InputStream = content,
                ContentType = "application/octet-stream",
                AutoCloseStream = false,
                UseChunkEncoding = false,
            },
            cancellation);
        return true;
    });

    public async Task<string> AddAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await WriteAsync(key, bytes, cancellation);
        return key;
    }

    public Task<Stream?> OpenAsync(string key, CancellationToken cancellation) => S3Fault.MapAsync(async () =>
    {
        try
        {
            // The first answer tells the length and is read from, so that a whole blob takes one request.
            var source = new S3Ranges(_client.Value, _options.Bucket, NameOf(key));
            var length = await source.StartAsync(cancellation);
            return (Stream?)new BlobStream(length, source.ReadAsync, source);
        }
        catch (AmazonS3Exception fault) when (fault.StatusCode == HttpStatusCode.NotFound && fault.ErrorCode is not "NoSuchBucket")
        {
            return null;
        }
    });

    public async Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation)
    {
        foreach (var batch in keys.Chunk(MostDeleted))
        {
            await S3Fault.MapAsync(() => _client.Value.DeleteObjectsAsync(
                new DeleteObjectsRequest
                {
                    BucketName = _options.Bucket,
                    Objects = [.. batch.Select(key => new KeyVersion { Key = NameOf(key) })],
                    Quiet = true,
                },
                cancellation));
        }
    }

    public async IAsyncEnumerable<FoundBlob> ListAsync(
        string prefix, string after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = _options.Bucket,
            Prefix = NameOf(prefix),
            StartAfter = after.Length == 0 ? null : NameOf(after),
        };
        ListObjectsV2Response page;
        do
        {
            page = await S3Fault.MapAsync(() => _client.Value.ListObjectsV2Async(request, cancellation));
            foreach (var found in page.S3Objects ?? [])
            {
                yield return new FoundBlob(found.Key[_options.Prefix.Length..], found.LastModified?.ToUniversalTime() ?? DateTimeOffset.MaxValue);
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated is true);
    }

    public Uri? SignLink(string key, LinkTerms terms) => _options.Redirect
        ? new Uri(_public.Value.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = _options.Bucket,
            Key = NameOf(key),
            Verb = HttpVerb.GET,
            Protocol = S3Client.PublicEndpointOf(_options).StartsWith("http:", StringComparison.Ordinal) ? Protocol.HTTP : Protocol.HTTPS,
            Expires = (_time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(terms.Life.TotalSeconds, _options.LinkSeconds))).UtcDateTime,
            ResponseHeaderOverrides = new ResponseHeaderOverrides { ContentType = terms.ContentType },
        }))
        : null;

    public async Task<string?> FindFaultAsync(CancellationToken cancellation)
    {
        var probe = $"probe/{Guid.NewGuid():N}";
        try
        {
            await WriteAsync(probe, new byte[1], cancellation);
            await using (await OpenAsync(probe, cancellation))
            {
                await DeleteAsync([probe], cancellation);
            }

            return null;
        }
        catch (IOException fault)
        {
            return $"Files cannot be stored in the bucket {_options.Bucket} ({fault.Message}). "
                + "Check S3:Endpoint, S3:Region, S3:Bucket and the rights of its key: it must read, write, list and delete.";
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }

        if (_public.IsValueCreated)
        {
            _public.Value.Dispose();
        }
    }

    private string NameOf(string key) => _options.Prefix + key;
}
