namespace Platform.Storage;

/// <summary>Where finished files lie and under which address they are reached.</summary>
internal sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>The folder of the files; every api and worker process must see the same one. Empty: <c>media</c> in the data folder.</summary>
    public string Folder { get; set; } = "";

    /// <summary>How every link begins, such as <c>https://speech.example.com</c>. Empty: the first address that the api listens on.</summary>
    public string PublicBaseUrl { get; set; } = "";

    /// <summary>How often expired files are looked for, in seconds.</summary>
    public double SweepSeconds { get; set; } = 30;

    /// <summary>
    /// Flush each file to disk before its task is settled. Off, a crash of the machine may lose files that were already charged.
    /// </summary>
    public bool FlushToDisk { get; set; } = true;
}
