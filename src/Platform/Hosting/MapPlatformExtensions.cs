using Microsoft.Extensions.Options;
using Platform.Api;
using Platform.Api.Admin;
using Platform.Api.OpenApi;
using Platform.Api.Own;
using Platform.Api.Sockets;
using Platform.Api.Voices;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Persistence;
using Platform.Telemetry;

namespace Platform.Hosting;

/// <summary>The addresses of a process.</summary>
internal static class MapPlatformExtensions
{
    public static void MapPlatform(this WebApplication app, Roles roles)
    {
        app.MapMetrics(app.Services.GetRequiredService<IOptions<TelemetryOptions>>().Value);
        app.Use(RequestTrace.AroundAsync);
        app.Use(ApiDrain.CloseAfterAnswerAsync);
        app.MapGet("/health/live", static () => Results.Text("live"));
        app.MapGet("/health/ready", ReadyAsync);
        if (!roles.HasFlag(Roles.Api))
        {
            return;
        }

        var v1 = app.Services.GetRequiredService<V1Endpoint>();
        var media = app.Services.GetRequiredService<MediaEndpoint>();
        var errors = ErrorPage.Render(app.Services.GetRequiredService<ErrorTable>());
        var catalog = app.Services.GetRequiredService<ModelCatalog>();
        // No keep-alive of ours: every SDK pings, and a connection that is silent for too long is closed.
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        app.Use(RefuseRequest.AroundAsync);
        app.MapPost(V1Endpoint.Path, (RequestDelegate)v1.HandleAsync);
        app.MapGet(V1Endpoint.Path, (RequestDelegate)app.Services.GetRequiredService<SocketEndpoint>().HandleAsync);
        app.MapMethods(AudioLinks.Path + "{file}", [HttpMethods.Get, HttpMethods.Head], media.HandleAsync);
        app.MapGet(ErrorPage.Path, () => Results.Content(errors, "text/html; charset=utf-8"));
        app.MapAdmin();
        app.MapReference();
        app.Services.GetRequiredService<OwnReads>().Map(app);
        app.Services.GetRequiredService<OwnStatement>().Map(app);
        app.Services.GetRequiredService<OwnWebhooks>().Map(app);
        app.Services.GetRequiredService<OwnVoices>().Map(app);
        app.Services.GetRequiredService<OwnConsents>().Map(app);
        app.MapPayments();
        app.MapGet("/v1/schemas/{air}", (string air) => catalog.Find(air) is { } model
            ? Results.Content(model.SchemaText, "application/schema+json")
            : Results.NotFound());
    }

    /// <summary>
    /// Ready while the database answers, until the process is told to stop. The broker is not asked: without it work goes on, only more slowly.
    /// </summary>
    private static async Task<IResult> ReadyAsync(Database database, IHostApplicationLifetime lifetime, CancellationToken cancellation)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Results.Text("stopping", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        try
        {
            await using var command = database.Relaxed.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancellation);
            return Results.Text("ready");
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            return Results.Text("the database does not answer", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
