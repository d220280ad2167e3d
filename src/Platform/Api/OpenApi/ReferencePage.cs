namespace Platform.Api.OpenApi;

/// <summary>
/// <c>/docs/api</c>: one static page that draws the OpenAPI document in the browser. It loads nothing from anywhere else, so that it
/// works where there is no internet.
/// </summary>
internal static class ReferencePage
{
    public const string Path = "/docs/api";

    /// <summary>What the page may do: its own style and script, and a look at this server.</summary>
    public const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'";

    private const string Resource = "openapi/reference.html";

    public static string Load()
    {
        using var stream = typeof(ReferencePage).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not embedded in Platform.dll.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public static void MapReference(this Microsoft.AspNetCore.Routing.IEndpointRouteBuilder app)
    {
        var document = OpenApiDocument.Render(app.ServiceProvider.GetRequiredService<Catalog.ModelCatalog>());
        var page = Load();
        app.MapGet(OpenApiDocument.Path, () => Results.Content(document, "application/json"));
        app.MapGet(Path, (HttpResponse response) =>
        {
            response.Headers.ContentSecurityPolicy = Policy;
            return Results.Content(page, "text/html; charset=utf-8");
        });
    }
}
