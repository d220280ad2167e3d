namespace Platform.Telemetry;

/// <summary>
/// The scrape endpoint on an address of its own. Requests are told apart by the port that their connection came to, since a Host header
/// says whatever its sender likes.
/// </summary>
internal static class MetricsPort
{
    public const string Path = "/metrics";

    /// <summary>Null where the setting is empty or no such address.</summary>
    public static int? Of(TelemetryOptions options) =>
        Uri.TryCreate(options.MetricsUrl.Replace("//*:", "//0.0.0.0:", StringComparison.Ordinal), UriKind.Absolute, out var address)
        && address is { Scheme: "http", PathAndQuery: "/", Port: > 0, IsDefaultPort: false }
            ? address.Port
            : null;

    /// <summary>To be called before anything else is mapped: on that port there is nothing but the metrics.</summary>
    public static void MapMetrics(this WebApplication app, TelemetryOptions options)
    {
        if (Of(options) is not { } port)
        {
            return;
        }

        app.MapWhen(http => http.Connection.LocalPort == port, branch =>
        {
            branch.UseOpenTelemetryPrometheusScrapingEndpoint(Path);
            branch.Run(static http =>
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });
    }
}
