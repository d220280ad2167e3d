using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Platform.Storage;

/// <summary>The only place that knows which store is used: the folder, or a bucket as soon as one is named.</summary>
internal static partial class StorageSetup
{
    public static void AddStorage(this IServiceCollection services)
    {
        services.AddSingleton<FolderBlobs>();
        services.AddSingleton<S3Blobs>();
        services.AddSingleton<IBlobStore>(static provider => UsesBucket(OptionsOf(provider))
            ? provider.GetRequiredService<S3Blobs>()
            : provider.GetRequiredService<FolderBlobs>());
        services.AddSingleton<VerifiedBlobs>();
        services.AddSingleton<StoredMedia>();
    }

    /// <summary>Null when the settings fit together and the store takes files; else what is wrong and what to do about it.</summary>
    public static async Task<string?> FindFaultAsync(IServiceProvider provider, CancellationToken cancellation) =>
        FindFault(OptionsOf(provider)) ?? await provider.GetRequiredService<IBlobStore>().FindFaultAsync(cancellation);

    public static string? FindFault(S3Options options) => options switch
    {
        { Bucket: "", Redirect: true } => "S3:Redirect sends customers to a bucket: set S3:Bucket, or leave it off.",
        { Bucket: "" } => null,
        _ when !BucketName().IsMatch(options.Bucket) =>
            "S3:Bucket is no bucket name: 3 to 63 small letters, digits, dots and hyphens, such as speech-results.",
        _ when !IsEndpoint(options.Endpoint) => "S3:Endpoint is an http or https address without a path, such as https://minio.internal:9000, or empty.",
        _ when !IsEndpoint(options.PublicEndpoint) => "S3:PublicEndpoint is an http or https address without a path, or empty.",
        { Region: "" } => "S3:Region is empty: set it to that of the bucket, such as eu-central-1; a store of your own takes us-east-1.",
        _ when options.AccessKey.Length == 0 != (options.SecretKey.Length == 0) =>
            "S3:AccessKey and S3:SecretKey go together: set both, or neither to use the machine's own credentials.",
        _ when options.Prefix.StartsWith('/') || (options.Prefix.Length > 0 && !options.Prefix.EndsWith('/')) =>
            "S3:Prefix ends in a slash and does not begin with one, such as platform/.",
        _ => null,
    };

    private static bool UsesBucket(S3Options options) => options.Bucket.Length > 0;

    private static S3Options OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<S3Options>>().Value;

    private static bool IsEndpoint(string text) =>
        text.Length == 0
        || (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.PathAndQuery == "/");

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]\z", RegexOptions.NonBacktracking)]
    private static partial Regex BucketName();
}
