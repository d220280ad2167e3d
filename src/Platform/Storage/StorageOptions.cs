using System.ComponentModel.DataAnnotations;

namespace Platform.Storage;

/// <summary>Where finished files lie and under which address they are reached. A bucket in <see cref="S3Options"/> takes the folder's place.</summary>
internal sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>The folder of the files; every api and worker process must see the same one. Empty: <c>media</c> in the data folder.</summary>
    public string Folder { get; set; } = "";

    /// <summary>How every link begins, such as <c>https://speech.example.com</c>. Empty: the first address that the api listens on.</summary>
    public string PublicBaseUrl { get; set; } = "";

    /// <summary>How often expired files are looked for, in seconds.</summary>
    public double SweepSeconds { get; set; } = 30;

    /// <summary>How long a worker that cannot store a finished file goes on trying before it hands the task back, in seconds.</summary>
    [Range(0, 3600)]
    public double RetrySeconds { get; set; } = 60;

    /// <summary>A file that no result and no medium names is deleted when it is this old, in hours.</summary>
    [Range(1, 8760)]
    public double OrphanHours { get; set; } = 6;

    /// <summary>Files that one round of that sweep looks at; the next round goes on behind them.</summary>
    [Range(1, 10_000_000)]
    public int OrphansPerSweep { get; set; } = 10_000;

    /// <summary>How often a round is made, in minutes.</summary>
    [Range(0.01, 1440)]
    public double OrphanMinutes { get; set; } = 5;

    /// <summary>
    /// Flush each file to disk before its task is settled. Off, a crash of the machine may lose files that were already charged.
    /// </summary>
    public bool FlushToDisk { get; set; } = true;
}
