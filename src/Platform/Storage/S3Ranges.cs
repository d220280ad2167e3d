using Amazon.S3;
using Amazon.S3.Model;

namespace Platform.Storage;

/// <summary>Reads one object at any place: what is read in order comes from one answer, a jump asks for the rest from there.</summary>
internal sealed class S3Ranges(AmazonS3Client client, string bucket, string name) : IDisposable
{
    private GetObjectResponse? _answer;
    private long _at;

    /// <summary>Asks for all of it and returns its length.</summary>
    public async Task<long> StartAsync(CancellationToken cancellation)
    {
        _answer = await client.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = name }, cancellation);
        return _answer.ContentLength;
    }

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation) =>
        new(S3Fault.MapAsync(async () =>
        {
            if (_answer is null || offset != _at)
            {
                _answer?.Dispose();
                _answer = null;
                _answer = await client.GetObjectAsync(
                    new GetObjectRequest { BucketName = bucket, Key = name, ByteRange = new ByteRange($"bytes={offset}-") }, cancellation);
                _at = offset;
            }

            var count = await _answer.ResponseStream.ReadAsync(buffer, cancellation);
            _at += count;
            return count;
        }));

    public void Dispose() => _answer?.Dispose();
}
