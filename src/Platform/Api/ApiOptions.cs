namespace Platform.Api;

/// <summary>Limits of the customers' surface.</summary>
internal sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>Bytes of a request body.</summary>
    public int MaxBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Tasks in one request.</summary>
    public int MaxTasks { get; set; } = 50;

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
