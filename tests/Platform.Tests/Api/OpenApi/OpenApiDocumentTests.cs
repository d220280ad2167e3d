using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Platform.Api.OpenApi;
using Platform.Tests.Catalog;
using Platform.Tests.Layout;
using Xunit;

namespace Platform.Tests.Api.OpenApi;

public sealed partial class OpenApiDocumentTests
{
    private const string Approved = "tests/Platform.Tests/Api/OpenApi/approved-openapi.json";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static JsonObject Document { get; } = JsonNode.Parse(OpenApiDocument.Render(SampleTask.Catalog))!.AsObject();

    /// <summary>Whoever changes the public surface sees it here: PLATFORM_APPROVE=1 writes what is now right.</summary>
    [Fact]
    public async Task The_document_is_the_approved_one()
    {
        var file = Path.Combine(SourceTree.Current.Root, Approved);
        var now = Document.ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("PLATFORM_APPROVE") == "1")
        {
            await File.WriteAllTextAsync(file, now, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), now);
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var references = ReferencePattern().Matches(Document.ToJsonString())
            .Select(match => match.Groups["path"].Value).Distinct(StringComparer.Ordinal).ToList();

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.NotNull(reference.Split('/').Aggregate(
            (JsonNode?)Document, (node, part) => (node as JsonObject)?[part])));
    }

    [Fact]
    public void Every_operation_has_a_name_of_its_own_a_tag_that_exists_and_says_who_may_call_it()
    {
        var operations = Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(one => one.Value!).ToList();
        var tags = Document["tags"]!.AsArray().Select(tag => (string)tag!["name"]!).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(operations.Count, operations.Select(one => (string)one["operationId"]!).Distinct(StringComparer.Ordinal).Count());
        Assert.All(operations, one => Assert.Contains((string)one["tags"]![0]!, tags, StringComparer.Ordinal));
        Assert.All(operations, one => Assert.NotNull(one["security"]));
        Assert.All(operations, one => Assert.NotEmpty((string)one["summary"]!));
    }

    [Fact]
    public void A_model_is_described_by_its_own_schema()
    {
        var model = SampleTask.Catalog.Models[0];
        var name = Assert.Single(
            Document["components"]!["schemas"]!.AsObject(), schema => schema.Key.StartsWith("audioInference-", StringComparison.Ordinal)
                && (string?)schema.Value!["title"] == model.Name).Key;

        Assert.Matches("^[A-Za-z0-9._-]+$", name);
        Assert.Contains(Document["components"]!["schemas"]!["TaskRequest"]!["anyOf"]!.AsArray(),
            branch => (string?)branch!["$ref"] == $"#/components/schemas/{name}");
    }

    [GeneratedRegex("\"\\$ref\":\"#/(?<path>[^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReferencePattern();
}
