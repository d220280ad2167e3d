using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Deploy;

/// <summary>Overlays that operators write over ours, as the page for them shows.</summary>
public sealed class OwnOverlayTests
{
    private const string Overlay = "namespace: platform\nimages: [{ name: platform, newName: registry.example/platform, newTag: 0.1.0 }]\n";
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

    [Fact]
    public async Task A_worker_that_was_copied_for_a_pool_of_its_own_is_guarded_and_has_its_secrets()
    {
        var file = Path.Combine(Manifests.Root, "k8s/base/workers.yaml");
        var workers = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Split("---\n");
        var copied = string.Join("---\n", workers[2..4]);
        Assert.Equal(5 + 3, copied.Split("platform-worker-base").Length - 1 + copied.Split("platform/pool: base").Length - 1);
        var cloud = copied.Replace("platform-worker-base", "platform-worker-cloud", StringComparison.Ordinal)
            .Replace("platform/pool: base", "platform/pool: cloud", StringComparison.Ordinal)
            .Replace("qwen3_tts_base", "qwen3_tts_flash", StringComparison.Ordinal);
        var rendered = await Manifests.KustomizeTextAsync(Overlay + Written("# Instead of", "docs/providers.md"), ("cloud.yaml", cloud));

        Assert.Empty(rendered.Findings);
        Assert.Empty(rendered.Documents.SelectMany(PodRules.Check));
        Assert.Empty(ReferenceRules.Check(rendered.Documents, Given));
        var (ours, theirs) = (Deployment("platform-worker-cloud"), Deployment("platform-worker-base"));
        Assert.Equal(1, (int?)ours["spec"]!["replicas"]);
        Assert.InRange(ConnectionTests.Most(rendered.Documents), 800, ConnectionTests.Taken(rendered.Documents));
        Assert.Equal(
            theirs["spec"]!["template"]!.ToJsonString().Replace("\"base\"", "\"cloud\"", StringComparison.Ordinal)
                .Replace("qwen3_tts_base", "qwen3_tts_flash", StringComparison.Ordinal)
                .Replace("\"app.kubernetes.io/part-of\":\"platform\",", "", StringComparison.Ordinal),
            ours["spec"]!["template"]!.ToJsonString());

        JsonNode Deployment(string name) =>
            rendered.Documents.Single(one => (string?)one["kind"] == "Deployment" && (string?)one["metadata"]!["name"] == name);
    }

    [Fact]
    public async Task A_scaler_for_a_pool_of_its_own_keeps_its_slots_beside_pools_with_a_gpu()
    {
        var scaling = await File.ReadAllTextAsync(Path.Combine(Manifests.Root, "k8s/components/keda/scaling.yaml"), TestContext.Current.CancellationToken);
        var cloud = scaling.Split("---\n")[2].Replace("platform-worker-base", "platform-worker-cloud", StringComparison.Ordinal);
        var rendered = await Manifests.KustomizeTextAsync(
            """
            resources: ["{k8s}/base", cloud.yaml]
            components: ["{k8s}/components/keda", "{k8s}/components/gpu"]
            """,
            ("cloud.yaml", cloud));

        var slots = rendered.Documents.Where(static one => (string?)one["kind"] == "ScaledObject").ToDictionary(
            static one => (string)one["metadata"]!["name"]!,
            static one => (string?)one["spec"]!["triggers"]![0]!["metadata"]!["targetQueryValue"],
            StringComparer.Ordinal);
        Assert.Equal(3, slots.Count);
        Assert.Equal(("40", "40", "4"), (slots["platform-worker-customvoice"], slots["platform-worker-base"], slots["platform-worker-cloud"]));
    }

    [Fact]
    public async Task The_patches_of_the_page_do_what_it_says()
    {
        string[] patches =
        [
            "  - target: { kind: ServiceAccount, name: platform }\n    patch: |-\n      - { op: add, path: /metadata",
            "  - target: { kind: ServiceAccount, name: platform }\n    patch: |-\n      - { op: add, path: /imagePullSecrets",
            "  - target: { kind: \"ServiceMonitor",
            "  - target: { kind: Cluster, name: platform-db }\n    patch: |-\n      - { op: replace, path: /spec/instances",
            "  - target: { kind: ScaledObject, name: platform-worker-customvoice",
            "  - target: { kind: ScaledObject, name: platform-worker-base",
        ];
        var rendered = await Manifests.KustomizeTextAsync(
            "resources: ['{k8s}/overlays/prod']\ncomponents: ['{k8s}/components/gpu/customvoice']\npatches:\n"
            + string.Concat(patches.Select(static first => Written(first))));

        Assert.Empty(rendered.Findings);
        Assert.Empty(rendered.Documents.SelectMany(PodRules.Check));
        var account = Named("ServiceAccount", "platform");
        Assert.Equal("registry", (string?)account["imagePullSecrets"]![0]!["name"]);
        Assert.StartsWith("arn:", (string?)account["metadata"]!["annotations"]!["eks.amazonaws.com/role-arn"], StringComparison.Ordinal);
        Assert.Equal("kps", (string?)Named("PrometheusRule", "platform")["metadata"]!["labels"]!["release"]);
        Assert.Null(Named("Ingress", "platform")["spec"]!["tls"]);
        Assert.Equal(2, (int?)Named("ScaledObject", "platform-worker-customvoice")["spec"]!["maxReplicaCount"]);
        var pod = Named("Deployment", "platform-worker-customvoice")["spec"]!["template"]!["spec"]!;
        Assert.Equal("l4", (string?)pod["nodeSelector"]!["cloud.example/gpu"]);
        var cache = pod["volumes"]!.AsArray().Single(static volume => (string?)volume!["name"] == "cache")!;
        Assert.Equal(("weights", false), ((string?)cache["persistentVolumeClaim"]!["claimName"], cache.AsObject().ContainsKey("emptyDir")));

        var database = Named("Cluster", "platform-db")["spec"]!;
        Assert.Equal((1, "fast", null), ((int?)database["instances"], (string?)database["storage"]!["storageClass"], database["postgresql"]!["synchronous"]));
        Assert.Equal("fast", (string?)Named("RabbitmqCluster", "platform-mq")["spec"]!["persistence"]!["storageClassName"]);
        var hours = Named("ScaledObject", "platform-worker-base")["spec"]!;
        Assert.Equal((0, "cron"), ((int?)hours["minReplicaCount"], (string?)hours["triggers"]![1]!["type"]));

        // The other pool keeps its engine and its slots.
        var settings = SettingsOf(rendered.Documents)["data"]!;
        Assert.Equal("local", (string?)settings["PLATFORM_ENGINES__POOLS__qwen3_tts_customvoice"]);
        Assert.Null(settings["PLATFORM_ENGINES__POOLS__qwen3_tts_base"]);
        Assert.Null(Named("Deployment", "platform-worker-base")["spec"]!["template"]!["spec"]!["tolerations"]);
        Assert.Equal("4", (string?)Named("ScaledObject", "platform-worker-base")["spec"]!["triggers"]![0]!["metadata"]!["targetQueryValue"]);

        JsonNode Named(string kind, string name) =>
            rendered.Documents.Single(one => (string?)one["kind"] == kind && (string?)one["metadata"]!["name"] == name);
    }

    [Fact]
    public async Task A_price_book_of_ones_own_is_in_every_process()
    {
        var rendered = await Manifests.KustomizeTextAsync("""
            resources: ["{k8s}/overlays/prod"]
            components: ["{k8s}/components/prices"]
            """);

        Assert.Empty(rendered.Findings);
        Assert.Empty(ReferenceRules.Check(rendered.Documents, Given));
        var processes = rendered.Documents.Where(static one => (string?)one["kind"] == "Deployment").ToList();
        Assert.Equal(4, processes.Count);
        Assert.All(processes, static one =>
        {
            var pod = one["spec"]!["template"]!["spec"]!;
            Assert.Contains("platform-prices", pod["volumes"]!.ToJsonString(), StringComparison.Ordinal);
            Assert.Contains(pod["containers"]![0]!["env"]!.AsArray(), static variable => (string?)variable!["name"] == "PLATFORM_PRICING__FILE"
                && (string?)variable["value"] == "/etc/platform/prices/prices.json");
            Assert.Contains(pod["containers"]![0]!["volumeMounts"]!.AsArray(), static mount => (string?)mount!["mountPath"] == "/etc/platform/prices");
        });
    }

    // A block of a page for operators, by its first line.
    private static string Written(string first, string page = "docs/deploy.md") => File.ReadAllText(Path.Combine(Manifests.Root, page)).Split("```yaml\n")
        .Single(one => one.StartsWith(first, StringComparison.Ordinal)).Split("```")[0];

    private static JsonNode SettingsOf(IReadOnlyList<JsonNode> documents) => documents.Single(static one => (string?)one["kind"] == "ConfigMap");
}
