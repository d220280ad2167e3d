using System.Runtime.InteropServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Platform.Storage;

/// <summary>The SDK's client for a store, with every wait bounded.</summary>
internal static class S3Client
{
    public static AmazonS3Client Create(S3Options options, string endpoint)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle,
            Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
            ConnectTimeout = TimeSpan.FromSeconds(Math.Min(options.TimeoutSeconds, 10)),
            MaxErrorRetry = options.MaxRetries,
            // Stores of one's own often know no checksum trailers; the digest in each name is ours and checked at every read.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (endpoint.Length > 0)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = options.Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        return options.AccessKey.Length > 0
            ? new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config)
            : new AmazonS3Client(config);
    }

    public static string PublicEndpointOf(S3Options options) => options.PublicEndpoint.Length > 0 ? options.PublicEndpoint : options.Endpoint;

    /// <summary>A stream over bytes that stay where they are.</summary>
    public static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var part)
        ? new MemoryStream(part.Array!, part.Offset, part.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);
}
