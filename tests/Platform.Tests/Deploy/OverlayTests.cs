using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Deploy;

/// <summary>The overlays of <c>k8s/</c>, rendered by kubectl and held against the schemas of Kubernetes and its operators.</summary>
public sealed class OverlayTests
{
    // No package carries the schemas of these two operators.
    private static readonly string[] Unchecked = ["postgresql.cnpg.io/v1/Cluster", "rabbitmq.com/v1beta1/RabbitmqCluster"];

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/dev")]
    [InlineData("overlays/prod")]
    [InlineData("overlays/gpu")]
    public async Task An_overlay_is_valid_and_its_pods_are_restricted(string folder)
    {
        var rendered = await Manifests.KustomizeAsync(folder);

        Assert.Empty(rendered.Findings);
        Assert.Empty(rendered.Unknown.Except(Unchecked, StringComparer.Ordinal));
        Assert.Empty(rendered.Documents.SelectMany(PodRules.Check));
        Assert.Empty(ReferenceRules.Check(rendered.Documents, "platform", "platform-db-app", "platform-mq-default-user"));
        Assert.Equal(5, rendered.Documents.Count(static one => (string?)one["kind"] is "Deployment" or "Job" && IsOurs(one)));
    }

    [Fact]
    public async Task What_no_cluster_would_take_is_found()
    {
        var rendered = await Manifests.CheckAsync("""
            apiVersion: v1
            kind: Service
            metadata: { name: misspelt }
            spec: { portz: [{ port: 80 }] }
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: wrong }
            spec: { replicas: two }
            """);

        Assert.Contains(rendered.Findings, static one => Says(one, "Service misspelt", "portz"));
        Assert.Contains(rendered.Findings, static one => Says(one, "Deployment wrong", "replicas"));

        static bool Says(string finding, string whose, string what) =>
            finding.StartsWith(whose, StringComparison.Ordinal) && finding.Contains(what, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_production_overlay_scales_watches_and_guards()
    {
        var kinds = (await Manifests.KustomizeAsync("overlays/prod")).Documents.Select(static one => (string)one["kind"]!).ToList();

        foreach (var kind in new[] { "HorizontalPodAutoscaler", "ScaledObject", "ServiceMonitor", "PrometheusRule", "NetworkPolicy", "Ingress", "Cluster" })
        {
            Assert.Contains(kind, kinds, StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task Every_pool_of_the_production_overlay_is_scaled_by_its_own_work()
    {
        var documents = (await Manifests.KustomizeAsync("overlays/prod")).Documents;
        var pools = documents.Where(static one => (string?)one["kind"] == "Deployment").SelectMany(static one =>
            PodRules.AllContainers(one["spec"]!["template"]!["spec"]!)).SelectMany(static one => one["env"]!.AsArray())
            .Where(static one => ((string)one!["name"]!).StartsWith("PLATFORM_WORKER__POOLS", StringComparison.Ordinal))
            .Select(static one => (string)one!["value"]!).ToList();
        var queries = documents.Where(static one => (string?)one["kind"] == "ScaledObject")
            .Select(static one => (string)one["spec"]!["triggers"]![0]!["metadata"]!["query"]!).ToList();

        Assert.Equal(2, pools.Count);
        Assert.All(pools, pool => Assert.Contains(queries, query => query.Contains($"'{pool}'", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_model_is_loaded_before_its_worker_is_started()
    {
        var worker = (await Manifests.KustomizeAsync("overlays/gpu")).Documents.Single(static one =>
            (string?)one["kind"] == "Deployment" && (string?)one["metadata"]!["name"] == "platform-worker-customvoice");
        var model = worker["spec"]!["template"]!["spec"]!["initContainers"]![0]!;

        Assert.Equal("Always", (string?)model["restartPolicy"]);
        Assert.NotNull(model["startupProbe"]);
        Assert.Equal("1", (string?)model["resources"]!["limits"]!["nvidia.com/gpu"]);
    }

    [Fact]
    public async Task Every_process_is_told_of_the_model_beside_the_worker()
    {
        var settings = (await Manifests.KustomizeAsync("overlays/gpu")).Documents.Single(static one =>
            (string?)one["kind"] == "ConfigMap")["data"]!;

        Assert.Equal("openai-speech", (string?)settings["PLATFORM_ENGINES__INSTANCES__local__KIND"]);
        Assert.Equal("http://127.0.0.1:8091", (string?)settings["PLATFORM_ENGINES__INSTANCES__local__URL"]);
        Assert.Equal("local", (string?)settings["PLATFORM_ENGINES__POOLS__qwen3_tts_customvoice"]);
        Assert.Equal("local", (string?)settings["PLATFORM_ENGINES__POOLS__qwen3_tts_base"]);
    }

    [Fact]
    public async Task Planted_faults_are_found()
    {
        var faults = new (string From, string To, string Named)[]
        {
            ("replicas: 2", "replica: 2", "replica"),
            ("containerPort: 8080", "containerPort: web", "containerPort"),
            ("maxReplicas: 10", "maxReplicas: ten", "maxReplicas"),
            ("policyTypes:", "policyTypess:", "policyTypess"),
            ("apiVersion: policy/v1", "apiVersion: policy/v9", "policy/v9"),
        };
        var (yaml, _) = await Media.Tool.RunAsync(Fixtures.Needed.Program("kubectl"), ["kustomize", Path.Combine(Manifests.Root, "k8s/base")]);
        var documents = System.Text.Encoding.UTF8.GetString(yaml).Split("\n---\n");

        var rendered = await Manifests.CheckAsync(string.Join("\n---\n", faults.Select(fault =>
            documents.First(document => document.Contains(fault.From, StringComparison.Ordinal)).Replace(fault.From, fault.To, StringComparison.Ordinal))));

        var found = string.Join('\n', rendered.Findings.Concat(rendered.Unknown));
        Assert.All(faults, fault => Assert.Contains(fault.Named, found, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rules_find_what_a_schema_allows()
    {
        var documents = (await Manifests.KustomizeAsync("base")).Documents;
        var api = documents.Single(static one => (string?)one["kind"] == "Deployment" && (string?)one["metadata"]!["name"] == "platform-api").DeepClone();
        var container = api["spec"]!["template"]!["spec"]!["containers"]![0]!;
        container["image"] = "platform:latest";
        container["securityContext"]!["privileged"] = true;
        container["resources"]!["limits"]!.AsObject().Remove("memory");
        api["spec"]!["template"]!["spec"]!["volumes"]![0] = JsonNode.Parse("""{"name":"tmp","hostPath":{"path":"/"}}""");
        api["spec"]!["template"]!["metadata"]!["labels"]!["app.kubernetes.io/component"] = "apo";

        var breaches = string.Join('\n', PodRules.Check(api).Concat(ReferenceRules.Check([api])));

        Assert.Multiple(
            () => Assert.Contains("no fixed version", breaches, StringComparison.Ordinal),
            () => Assert.Contains("may gain privileges", breaches, StringComparison.Ordinal),
            () => Assert.Contains("no memory limits", breaches, StringComparison.Ordinal),
            () => Assert.Contains("folder of its node", breaches, StringComparison.Ordinal),
            () => Assert.Contains("selects no pod", breaches, StringComparison.Ordinal),
            () => Assert.Contains("no disruption budget", breaches, StringComparison.Ordinal),
            () => Assert.Contains("there is no Secret platform", breaches, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_number_of_pods_beside_an_autoscaler_is_found()
    {
        var documents = (await Manifests.KustomizeAsync("overlays/prod")).Documents.Select(static one => one.DeepClone()).ToList();
        foreach (var deployment in documents.Where(static one => (string?)one["kind"] == "Deployment"))
        {
            deployment["spec"]!["replicas"] = 1;
        }

        var breaches = ReferenceRules.Check(documents, "platform", "platform-db-app", "platform-mq-default-user").ToList();

        Assert.Equal(3, breaches.Count);
        Assert.All(breaches, static one => Assert.Contains("to say", one, StringComparison.Ordinal));
    }

    private static bool IsOurs(JsonNode document) =>
        (string?)document["metadata"]!["name"] != "platform-demo"
        && PodRules.AllContainers(PodRules.TemplateOf(document)!["spec"]!)
            .Any(static one => ((string)one["image"]!).StartsWith("platform:", StringComparison.Ordinal));
}
