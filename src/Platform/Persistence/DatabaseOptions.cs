namespace Platform.Persistence;

/// <summary>Where the truth is kept.</summary>
internal sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>PostgreSQL 15 or later. Empty: a private server is started as a child of this process, in the data folder.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Folder of <c>initdb</c> and <c>postgres</c> for the private server. Empty: the newest that is installed.</summary>
    public string BinaryFolder { get; set; } = "";

    /// <summary>Connections that one process may open in each of its two pools for work; <see cref="Database.MostConnections"/> are all of them.</summary>
    public int MaxConnections { get; set; } = 20;

    /// <summary>How long a statement that lost its connection is tried again before its caller is told, in seconds.</summary>
    public int RetrySeconds { get; set; } = 20;
}
