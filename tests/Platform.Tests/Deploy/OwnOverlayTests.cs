using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Deploy;

/// <summary>Overlays that operators write over ours, as the page for them shows.</summary>
public sealed class OwnOverlayTests
{
    private static readonly string[] Given = ["platform", "platform-db-app", "platform-mq-default-user"];

    [Fact]
    public async Task An_overlay_of_ones_own_is_written_as_the_page_says()
    {
        var rendered = await Manifests.KustomizeTextAsync(Written("# speech/kustomization.yaml").Replace("platform/k8s", "{k8s}", StringComparison.Ordinal));

        Assert.Empty(rendered.Findings);
        Assert.Empty(ReferenceRules.Check(rendered.Documents, Given));
        Assert.All(rendered.Documents.Where(static one => (string?)one["kind"] is "ConfigMap" or "Ingress"),
            static one => Assert.DoesNotContain("example.com", one.ToJsonString(), StringComparison.Ordinal));
        var images = rendered.Documents.Select(PodRules.TemplateOf).OfType<JsonNode>().SelectMany(static pod => PodRules.AllContainers(pod["spec"]!))
            .Select(static one => (string)one["image"]!).Distinct(StringComparer.Ordinal);
        Assert.Equal("registry.example/platform:0.1.0", Assert.Single(images));
    }

    [Fact]
    public async Task The_job_that_backs_up_and_restores_is_valid_and_restricted()
    {
        var rendered = await Manifests.CheckAsync(Written("# backup.yaml"));

        Assert.Empty(rendered.Findings);
        Assert.Empty(rendered.Documents.SelectMany(PodRules.Check));
        Assert.Equal("platform-backup", (string?)Assert.Single(rendered.Documents)["metadata"]!["name"]);
    }

    [Fact]
    public async Task A_changed_setting_replaces_the_pods()
    {
        var changed = (await Manifests.KustomizeTextAsync("""
            resources: ["{k8s}/overlays/prod"]
            namespace: platform
            configMapGenerator: [{ name: platform, behavior: merge, literals: [PLATFORM_LIMITS__BURST=5000] }]
            """)).Documents;
        var before = SettingsOf((await Manifests.KustomizeAsync("overlays/prod")).Documents);
        var after = SettingsOf(changed);

        Assert.NotEqual((string?)before["metadata"]!["name"], (string?)after["metadata"]!["name"], StringComparer.Ordinal);
        Assert.Equal("https://s3.example.com", (string?)after["data"]!["PLATFORM_S3__ENDPOINT"]);
        Assert.Empty(ReferenceRules.Check(changed, Given));
    }

    [Fact]
    public async Task A_certificate_authority_of_ones_own_is_in_every_pod()
    {
        var rendered = await Manifests.KustomizeTextAsync("""
            resources: ["{k8s}/overlays/prod"]
            components: ["{k8s}/components/ca"]
            """);

        Assert.Empty(rendered.Findings);
        Assert.Empty(rendered.Documents.SelectMany(PodRules.Check));
        Assert.Empty(ReferenceRules.Check(rendered.Documents, Given));
        foreach (var pod in rendered.Documents.Select(PodRules.TemplateOf).OfType<JsonNode>())
        {
            var container = pod["spec"]!["containers"]![0]!;
            Assert.Contains(container["env"]!.AsArray(), static one => (string?)one!["value"] == "/etc/ssl/certs:/etc/platform/ca");
            Assert.Contains(container["volumeMounts"]!.AsArray(), static one => (string?)one!["mountPath"] == "/etc/platform/ca");
        }
    }

    // A block of the page for operators, by its first line.
    private static string Written(string first) => File.ReadAllText(Path.Combine(Manifests.Root, "docs/deploy.md")).Split("```yaml\n")
        .Single(one => one.StartsWith(first, StringComparison.Ordinal)).Split("```")[0];

    private static JsonNode SettingsOf(IReadOnlyList<JsonNode> documents) => documents.Single(static one => (string?)one["kind"] == "ConfigMap");
}
