using System.Text.Json.Nodes;
using Platform.Catalog;

namespace Platform.Api.OpenApi;

/// <summary>
/// <c>GET /openapi/v1.json</c>: the hand-written document with the schemas of the catalog's models put in, so that a new model is described by
/// being there. It is written by hand because neither the protocol of <c>/v1</c> nor bodies that are read for all their faults at once show
/// in the types of a method.
/// </summary>
internal static class OpenApiDocument
{
    public const string Path = "/openapi/v1.json";
    private const string Resource = "openapi/openapi.json";

    public static string Render(ModelCatalog catalog)
    {
        using var stream = typeof(OpenApiDocument).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not embedded in Platform.dll.");
        var document = JsonNode.Parse(stream)!;
        var schemas = document["components"]!["schemas"]!.AsObject();
        var tasks = schemas["TaskRequest"]!["anyOf"]!.AsArray();
        foreach (var model in catalog.Models)
        {
            var name = NameOf(model.Air);
            schemas[name] = JsonNode.Parse(model.SchemaText);
            tasks.Add(new JsonObject { ["$ref"] = $"#/components/schemas/{name}" });
        }

        return document.ToJsonString(Lists.AnswerJson.Options);
    }

    // OpenAPI allows letters, digits, '.', '-' and '_' in the name of a component.
    private static string NameOf(string air) =>
        "audioInference-" + string.Concat(air.Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '_'));
}
