using System.Globalization;
using System.Text.Json.Nodes;
using Platform.Persistence;
using Xunit;

namespace Platform.Tests.Deploy;

/// <summary>Whether PostgreSQL takes the connections of all processes when the autoscalers have gone as far as they may and a release replaces pods.</summary>
public sealed class ConnectionTests
{
    // Unless Database:MaxConnections says otherwise.
    private const int Usual = 20;

    // Kept by PostgreSQL for its superuser, and what its operator and a person on call open.
    private const int Kept = 20;

    [Theory]
    [InlineData("overlays/dev", 200)]
    [InlineData("overlays/prod", 800)]
    [InlineData("overlays/gpu", 800)]
    public async Task All_processes_of_an_overlay_find_a_connection(string folder, int atLeast)
    {
        var documents = (await Manifests.KustomizeAsync(folder)).Documents;
        Assert.InRange(Most(documents), atLeast, Taken(documents));
    }

    [Fact]
    public async Task All_containers_of_compose_find_a_connection_and_four_workers_too()
    {
        var services = (await Manifests.ComposeAsync())["services"]!.AsObject();
        var each = services.Select(static one => one.Value!).Where(static one => one["environment"]?["PLATFORM_DATABASE__CONNECTIONSTRING"] is not null)
            .Select(static one => Replicas(one["deploy"]!["replicas"]) * Pools((string?)one["environment"]!["PLATFORM_DATABASE__MAXCONNECTIONS"]));
        var twoMore = 2 * Pools((string?)services["worker"]!["environment"]!["PLATFORM_DATABASE__MAXCONNECTIONS"]);

        Assert.InRange(Kept + each.Sum() + twoMore, 100, Taken(services["postgres"]!["command"]!));
    }

    // As a number, or as what stands where the shell says nothing: ${NAME:-1}.
    private static int Replicas(JsonNode? said) =>
        int.Parse((said?.ToString() ?? "1").TrimEnd('}').Split(":-")[^1], CultureInfo.InvariantCulture);

    [Fact]
    public async Task All_processes_of_the_chart_find_a_connection_and_it_says_how_many_they_are()
    {
        var documents = (await Manifests.HelmAsync(Largest(maxConnections: 1320))).Documents;
        var most = Most(documents);
        Assert.InRange(most, 800, Taken(documents));

        // The chart's own sum is the same: one connection fewer than all need is refused.
        await Manifests.HelmTextAsync(Largest(most));
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => Manifests.HelmTextAsync(Largest(most - 1)));
    }

    private static JsonNode Largest(int maxConnections)
    {
        static string Worker(string pool) => $$$"""
            {"name":"{{{pool}}}","pools":["{{{pool}}}"],"slots":4,"replicas":1,"env":{},"autoscaling":{"enabled":true,"minReplicas":1,"maxReplicas":20},
             "resources":{"requests":{"cpu":1,"memory":"1Gi"},"limits":{"cpu":1,"memory":"1Gi"}},"gpu":{"enabled":false}}
            """;
        return JsonNode.Parse($$$"""
            {"publicBaseUrl":"https://a.b","database":{"mode":"operator","maxConnections":{{{maxConnections}}} },
             "workers":[{{{Worker("a")}}},{{{Worker("b")}}}]}
            """)!;
    }

    /// <summary>What the server of these documents takes.</summary>
    internal static int Taken(IReadOnlyList<JsonNode> documents) =>
        documents.SingleOrDefault(static one => (string?)one["kind"] == "Cluster") is { } cluster
            ? Number((string)cluster["spec"]!["postgresql"]!["parameters"]!["max_connections"]!)
            : Taken(documents.Single(static one => (string?)one["metadata"]!["name"] == "platform-postgres" && (string?)one["kind"] == "StatefulSet")
                ["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!);

    private static int Taken(JsonNode arguments) => Number(arguments.AsArray().Select(static one => (string)one!)
        .Single(static one => one.StartsWith("max_connections=", StringComparison.Ordinal)).Split('=')[1]);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int Pools(string? each) => Database.MostConnections(each is null ? Usual : Number(each));

    /// <summary>What all processes of these documents may open at their most.</summary>
    internal static int Most(IReadOnlyList<JsonNode> documents) => Kept
        + documents.Count(static one => (string?)one["kind"] == "ScaledObject")
        + documents.Where(IsOurs).Sum(one => Pods(one, documents) * EachOf(one, documents));

    private static bool IsOurs(JsonNode document) => PodRules.TemplateOf(document)?["spec"]!["containers"]![0]!["env"] is JsonArray env
        && env.Any(static one => (string?)one!["name"] == "PLATFORM_DATABASE__CONNECTIONSTRING");

    private static int Pods(JsonNode workload, IReadOnlyList<JsonNode> documents)
    {
        if ((string?)workload["kind"] == "Job")
        {
            return 1;
        }

        var scaler = documents.SingleOrDefault(one => (string?)one["spec"]?["scaleTargetRef"]?["name"] == (string?)workload["metadata"]!["name"])?["spec"];
        var most = (int?)(scaler?["maxReplicas"] ?? scaler?["maxReplicaCount"] ?? workload["spec"]!["replicas"]) ?? 1;
        return most + (int)workload["spec"]!["strategy"]!["rollingUpdate"]!["maxSurge"]!;
    }

    private static int EachOf(JsonNode workload, IReadOnlyList<JsonNode> documents)
    {
        const string name = "PLATFORM_DATABASE__MAXCONNECTIONS";
        var container = PodRules.TemplateOf(workload)!["spec"]!["containers"]![0]!;
        var settings = (string?)container["envFrom"]?[0]?["configMapRef"]!["name"];
        var shared = documents.SingleOrDefault(one => (string?)one["kind"] == "ConfigMap" && (string?)one["metadata"]!["name"] == settings)?["data"]![name];
        var own = container["env"]!.AsArray().SingleOrDefault(static one => (string?)one!["name"] == name)?["value"];
        return Pools((string?)(own ?? shared));
    }
}
