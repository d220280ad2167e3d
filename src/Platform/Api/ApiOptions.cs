namespace Platform.Api;

/// <summary>Limits of the customers' surface.</summary>
internal sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>Bytes of a request body.</summary>
    public int MaxBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Bytes of a body or frame that are read of somebody whose key is not known yet. A key in the body must come within them.
    /// </summary>
    public int StrangerBytes { get; set; } = 16 * 1024;

    /// <summary>Bytes of bodies and frames over 64 KiB that one process holds at once, until their tasks are accepted.</summary>
    public long IncomingBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>How many of these may be one tenant's.</summary>
    public long IncomingBytesPerTenant { get; set; } = 64 * 1024 * 1024;

    /// <summary>Tasks in one request.</summary>
    public int MaxTasks { get; set; } = 50;

    /// <summary>Answers streamed out of the database (costs) at a time; each holds a database connection while it is read.</summary>
    public int MaxExports { get; set; } = 4;

    /// <summary>How many of these may be one tenant's.</summary>
    public int MaxExportsPerTenant { get; set; } = 2;

    /// <summary>A reader of such an answer that takes fewer bytes a second than this is cut off.</summary>
    public int ExportBytesPerSecond { get; set; } = 16 * 1024;

    /// <summary>What the links in errors begin with. Empty: this platform's own page at <c>/docs/errors</c>.</summary>
    public string DocumentationUrl { get; set; } = "";

    /// <summary>
    /// How long a stopping node goes on taking requests after <c>/health/ready</c> says no, in seconds: as long as balancers may take to notice.
    /// </summary>
    public double DrainDelaySeconds { get; set; }

    /// <summary>
    /// How long a stopping node then waits for requests under way, in seconds; synchronous callers that still wait are answered with
    /// <c>syncTimeout</c>.
    /// </summary>
    public double DrainSeconds { get; set; } = 20;
}
