using Platform.Media;

namespace Platform.Storage;

/// <summary>What customers may store as reference audio.</summary>
internal sealed class StoredMediaOptions
{
    public const string Section = "StoredMedia";

    /// <summary>Bytes of one file.</summary>
    public int MaxBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>Seconds that a recording must last at least.</summary>
    public double ShortestSeconds { get; set; } = 3;

    /// <summary>Seconds that a recording may last.</summary>
    public double LongestSeconds { get; set; } = 60;

    /// <summary>Media that a tenant may keep by mediaStorage.</summary>
    public int MaxPerTenant { get; set; } = 1000;

    /// <summary>Bytes that a tenant may keep by mediaStorage.</summary>
    public long MaxBytesPerTenant { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Bytes of recordings that came with a tenant's tasks and are kept with them.</summary>
    public long MaxTaskBytesPerTenant { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>How long fetching a URL may take, in seconds.</summary>
    public double DownloadSeconds { get; set; } = 20;

    /// <summary>Recordings that one process takes in (fetches, decodes, stores) at a time; each may fill its share of memory.</summary>
    public int MaxDownloads { get; set; } = 16;

    /// <summary>How many of these may be one tenant's; further ones wait.</summary>
    public int MaxDownloadsPerTenant { get; set; } = 4;

    /// <summary>How long one may wait to be taken in, and again to be decoded, before it is refused with serviceUnavailable. Seconds.</summary>
    public double WaitSeconds { get; set; } = 10;

    /// <summary>Engines that clone take 24 kHz mono.</summary>
    public DecodingLimits Limits() => new(TimeSpan.FromSeconds(ShortestSeconds), TimeSpan.FromSeconds(LongestSeconds), 24_000);
}
