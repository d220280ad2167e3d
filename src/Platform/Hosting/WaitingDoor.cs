using Platform.Catalog;
using Platform.Telemetry;

namespace Platform.Hosting;

/// <summary>
/// Answers at a process's addresses while it waits for its database: alive but not ready, so that nobody takes it for hung and kills it, and
/// whoever watches sees that the database is away.
/// </summary>
internal sealed class WaitingDoor : IAsyncDisposable
{
    private const string Metrics = "# TYPE platform_database_up gauge\nplatform_database_up 0\n";

    // Longer than a start on a busy machine takes: a balancer that only asks whether somebody listens would send customers to the door.
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(15);

    private readonly WebApplication _app;

    private WaitingDoor(WebApplication app) => _app = app;

    /// <summary>Waits for <paramref name="opening"/>, with the door open once that takes longer than a database that is there.</summary>
    /// <param name="urls">Where the process will listen; the door is shut again when this returns.</param>
    public static async Task<T> WaitAsync<T>(Task<T> opening, string urls)
    {
        if (await Task.WhenAny(opening, Task.Delay(UsualWait)) == opening)
        {
            return await opening;
        }

        await using var door = await OpenAsync(urls);
        return await opening;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task<WaitingDoor> OpenAsync(string urls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(urls.Split(';', StringSplitOptions.RemoveEmptyEntries));
        builder.WebHost.ConfigureKestrel(static (_, kestrel) => kestrel.AddServerHeader = false);
        var app = builder.Build();
        app.MapGet("/health/live", static () => Results.Text("live: waiting for the database"));
        app.MapGet(MetricsPort.Path, static () => Results.Text(Metrics, "text/plain; version=0.0.4"));
        app.MapFallback("{**path}", static (HttpContext http) =>
        {
            http.Response.Headers.RetryAfter = "2";
            return Results.Json(
                new { errors = new[] { new { code = ErrorCodes.ServiceUnavailable, message = "The platform is waiting for its database. Try again." } } },
                statusCode: StatusCodes.Status503ServiceUnavailable);
        });
        await app.StartAsync();
        return new WaitingDoor(app);
    }
}
