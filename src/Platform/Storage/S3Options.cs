using System.ComponentModel.DataAnnotations;

namespace Platform.Storage;

/// <summary>An S3-compatible store, used as soon as a bucket is named.</summary>
internal sealed class S3Options
{
    public const string Section = "S3";

    /// <summary>Empty: files lie in Storage:Folder.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>Such as <c>https://minio.internal:9000</c>. Empty: Amazon's, by the region.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>How customers reach the store, for redirects. Empty: as the platform does.</summary>
    public string PublicEndpoint { get; set; } = "";

    /// <summary>Such as <c>eu-central-1</c>. Stores of one's own take any.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Empty, with the secret: the SDK's chain (environment, profile, role of the machine or the pod).</summary>
    public string AccessKey { get; set; } = "";

    public string SecretKey { get; set; } = "";

    /// <summary>The bucket in the path instead of the host name, as most stores of one's own want it.</summary>
    public bool PathStyle { get; set; } = true;

    /// <summary>Begins every key in the bucket, such as <c>platform/</c>.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Files over this many bytes go in parts; at least 5 MiB.</summary>
    [Range(5_242_880, 5_000_000_000)]
    public long PartBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long one request may take, in seconds.</summary>
    [Range(0.1, 3600)]
    public double TimeoutSeconds { get; set; } = 30;

    /// <summary>Times that the SDK repeats a request that failed.</summary>
    [Range(0, 10)]
    public int MaxRetries { get; set; } = 2;

    /// <summary>Send customers on to the store by signed links instead of passing the bytes through.</summary>
    public bool Redirect { get; set; }

    /// <summary>How long such a link lives, in seconds.</summary>
    [Range(1, 604_800)]
    public double LinkSeconds { get; set; } = 300;
}
