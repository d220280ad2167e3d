namespace Platform.Persistence.Embedded;

/// <summary>Where the private database lives and how long it may take.</summary>
internal sealed record EmbeddedPostgresOptions
{
    /// <summary>The data folder of this platform; made when it is missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The folder with <c>postgres</c> and <c>initdb</c>. Null looks in the usual places.</summary>
    public string? BinariesFolder { get; init; }

    /// <summary>Covers crash recovery too, which after a hard stop may read a gigabyte of log.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a fast shutdown may take before the server is told to drop everything.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>PostgreSQL parameters that override the tuned ones, such as <c>fsync</c> for throw-away clusters.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
