using System.Text.Json.Nodes;
using Xunit;
using Xunit.Sdk;

namespace Platform.Tests.Deploy;

/// <summary>What single values of the chart do, and which of them it refuses in words.</summary>
public sealed class ChartValuesTests
{
    private const string Resources = """ "resources":{"requests":{"cpu":1,"memory":"1Gi"},"limits":{"cpu":1,"memory":"1Gi"}} """;
    private const string OnGpu = $$$"""
        {"name":"gpu","pools":["a"],"slots":40,"replicas":1,"env":{},"autoscaling":{"enabled":false,"minReplicas":1,"maxReplicas":2},{{{Resources}}},
         "gpu":{"enabled":true,"image":"vllm/vllm-omni:v0.18.0","model":"m"}}
        """;

    [Theory]
    [InlineData("{}", "publicBaseUrl: say where")]
    [InlineData("""{"publicBaseUrl":"https://a.b","ingress":{"enabled":true,"host":"a.b"}}""", "ingress.tlsSecret: publicBaseUrl is https")]
    [InlineData("""{"publicBaseUrl":"http://a.b","ingress":{"enabled":true}}""", "ingress.host: say")]
    [InlineData("""{"publicBaseUrl":"https://a.b","settings":{"PLATFORM_ENGINES__INSTANCES__cloud__APIKEY":"k"}}""", "give it by secretSettings")]
    [InlineData("""{"publicBaseUrl":"https://a.b","settings":{"PLATFORM_STRIPE__WEBHOOKSECRETS__0":"k"}}""", "give it by secretSettings")]
    [InlineData("""{"publicBaseUrl":"https://a.b","settings":{"OTEL_EXPORTER_OTLP_HEADERS":"k"}}""", "give it by secretSettings")]
    [InlineData("""{"publicBaseUrl":"https://a.b","settings":{"AWS_SECRET_ACCESS_KEY":"k"}}""", "give it by secretSettings")]
    [InlineData("""{"publicBaseUrl":"https://a.b","caBundle":{"configMap":"a","secret":"b"}}""", "caBundle: name")]
    [InlineData("""{"publicBaseUrl":"https://a.b","database":{"mode":"operator","maxConnections":200}}""", "database.maxConnections: at their most")]
    public async Task Values_that_would_not_work_are_refused_in_words(string values, string said) =>
        Assert.Contains(said, await RefusalAsync(JsonNode.Parse(values)!), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"publicBaseUrl":"https://a.b","ingress":{"enabled":true,"host":"a.b","tlsElsewhere":true}}""")]
    [InlineData("""{"publicBaseUrl":"http://a.b","ingress":{"enabled":true,"host":"a.b"}}""")]
    [InlineData("""{"publicBaseUrl":"http://a.b","settings":{"AWS_WEB_IDENTITY_TOKEN_FILE":"/token","PLATFORM_TENANTS__KEYENVIRONMENT":"live"}}""")]
    public async Task Values_that_are_meant_so_are_taken(string values) =>
        Assert.Contains("kind: Deployment", await Manifests.HelmTextAsync(JsonNode.Parse(values)!), StringComparison.Ordinal);

    [Fact]
    public async Task A_worker_without_a_gpu_needs_an_engine_of_its_own_for_the_pool_of_one_with_a_gpu()
    {
        var refused = await RefusalAsync(Beside("{}"));
        Assert.Contains("workers[cpu]: pool a is also that of worker gpu", refused, StringComparison.Ordinal);

        var taken = await Manifests.HelmAsync(Beside("""{"PLATFORM_ENGINES__POOLS__a":"espeak-ng"}"""));
        Assert.Empty(taken.Findings);
        Assert.Empty(taken.Documents.SelectMany(PodRules.Check));
    }

    [Fact]
    public async Task What_the_operators_make_is_as_large_as_is_said_and_lies_where_is_said()
    {
        var rendered = await Manifests.HelmAsync(JsonNode.Parse("""
            {"database":{"mode":"operator","storageClass":"fast","sharedBuffers":"512MB",
              "resources":{"requests":{"cpu":"500m","memory":"2Gi"},"limits":{"cpu":2,"memory":"2Gi"}}},
             "broker":{"mode":"operator","storageClass":"slow",
              "resources":{"requests":{"cpu":"200m","memory":"1Gi"},"limits":{"cpu":1,"memory":"1Gi"}}}}
            """)!);

        var (database, broker) = (Of("Cluster"), Of("RabbitmqCluster"));
        Assert.Equal(("fast", "100Gi"), ((string?)database["storage"]!["storageClass"], (string?)database["storage"]!["size"]));
        Assert.Equal("512MB", (string?)database["postgresql"]!["parameters"]!["shared_buffers"]);
        Assert.Equal(("500m", "2Gi"), ((string?)database["resources"]!["requests"]!["cpu"], (string?)database["resources"]!["limits"]!["memory"]));
        Assert.Equal(("slow", "1Gi"), ((string?)broker["persistence"]!["storageClassName"], (string?)broker["resources"]!["requests"]!["memory"]));

        JsonNode Of(string kind) => rendered.Documents.Single(one => (string?)one["kind"] == kind)["spec"]!;
    }

    [Fact]
    public async Task The_job_that_migrates_bears_what_replaces_it()
    {
        var rendered = await Manifests.HelmAsync(JsonNode.Parse("""
            {"migrate":{"annotations":{"argocd.argoproj.io/sync-options":"Force=true,Replace=true"}}}
            """)!);
        var job = rendered.Documents.Single(static one => (string?)one["kind"] == "Job");

        Assert.Empty(rendered.Findings);
        Assert.Equal("Force=true,Replace=true", (string?)job["metadata"]!["annotations"]!["argocd.argoproj.io/sync-options"]);
    }

    [Fact]
    public async Task A_model_serves_one_pool()
    {
        var values = Beside("{}");
        values["workers"]!.AsArray().RemoveAt(1);
        values["workers"]![0]!["pools"] = new JsonArray("a", "b");
        Assert.Contains("workers[gpu].pools: a, b would all be served by the one model m", await RefusalAsync(values), StringComparison.Ordinal);

        values["workers"]![0]!["env"] = JsonNode.Parse("""{"PLATFORM_ENGINES__POOLS__b":"espeak-ng"}""");
        Assert.Empty((await Manifests.HelmAsync(values)).Findings);
    }

    [Fact]
    public async Task A_secret_stands_neither_in_a_workers_variables()
    {
        var values = Beside("""{"PLATFORM_ENGINES__POOLS__a":"cloud","PLATFORM_ENGINES__INSTANCES__cloud__APIKEY":"k"}""");
        Assert.Contains("workers[cpu].env: PLATFORM_ENGINES__INSTANCES__cloud__APIKEY", await RefusalAsync(values), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_setting_stands_once_and_settings_replace_what_the_chart_sets()
    {
        var rendered = await Manifests.HelmAsync(JsonNode.Parse("""
            {"telemetry":{"otlpEndpoint":"http://c:4317"},"s3":{"endpoint":"https://s3"},"settings":{
              "PLATFORM_S3__REGION":"eu","PLATFORM_S3__ENDPOINT":"https://other","PLATFORM_Telemetry__OtlpEndpoint":"http://d:4317",
              "PLATFORM_S3__REDIRECT":true,"PLATFORM_STORAGE__PUBLICBASEURL":"https://c.d","PLATFORM_API__INCOMINGBYTES":268435456,
              "PLATFORM_DATABASE__MAXCONNECTIONS":5}}
            """)!);

        Assert.Empty(rendered.Findings);
        Assert.Empty(rendered.Documents.SelectMany(PodRules.Check));
        var settings = rendered.Documents.Single(static one => (string?)one["kind"] == "ConfigMap")["data"]!.AsObject();
        Assert.Equal(settings.Count, settings.DistinctBy(static one => one.Key, StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(
            ("eu", "https://other", "http://d:4317", "true", "https://c.d", "268435456", "5"),
            ((string?)settings["PLATFORM_S3__REGION"], (string?)settings["PLATFORM_S3__ENDPOINT"], (string?)settings["PLATFORM_Telemetry__OtlpEndpoint"],
                (string?)settings["PLATFORM_S3__REDIRECT"], (string?)settings["PLATFORM_STORAGE__PUBLICBASEURL"],
                (string?)settings["PLATFORM_API__INCOMINGBYTES"], (string?)settings["PLATFORM_DATABASE__MAXCONNECTIONS"]));
    }

    [Fact]
    public async Task A_secret_setting_comes_from_its_secret_to_every_process_and_stands_nowhere()
    {
        var documents = (await Manifests.HelmAsync(JsonNode.Parse("""
            {"secretSettings":{"PLATFORM_ENGINES__INSTANCES__cloud__APIKEY":{"secret":"providers","key":"dashscope"},
              "PLATFORM_STRIPE__SECRETKEY":{"key":"stripe"}}}
            """)!)).Documents;
        var processes = documents.Where(static one => (string?)one["kind"] == "Deployment").Select(static one =>
            one["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray()).ToList();

        Assert.Equal(4, processes.Count);
        Assert.All(processes, static env =>
            Assert.Equal("""{"name":"providers","key":"dashscope"}""", From(env, "PLATFORM_ENGINES__INSTANCES__cloud__APIKEY")));
        Assert.All(processes, static env => Assert.Equal("""{"name":"platform","key":"stripe"}""", From(env, "PLATFORM_STRIPE__SECRETKEY")));
    }

    [Theory]
    [InlineData("configMap")]
    [InlineData("secret")]
    public async Task A_certificate_authority_of_ones_own_is_in_every_pod(string kind)
    {
        var rendered = await Manifests.HelmAsync(new JsonObject { ["caBundle"] = new JsonObject { [kind] = "our-ca" } });

        Assert.Empty(rendered.Findings);
        Assert.Empty(rendered.Documents.SelectMany(PodRules.Check));
        foreach (var pod in rendered.Documents.Select(PodRules.TemplateOf).OfType<JsonNode>().Select(static one => one["spec"]!))
        {
            Assert.Contains("our-ca", pod["volumes"]!.ToJsonString(), StringComparison.Ordinal);
            Assert.Contains(pod["containers"]![0]!["env"]!.AsArray(), static one => (string?)one!["value"] == "/etc/ssl/certs:/etc/platform/ca");
            Assert.Contains(pod["containers"]![0]!["volumeMounts"]!.AsArray(), static one => (string?)one!["mountPath"] == "/etc/platform/ca");
        }
    }

    [Fact]
    public async Task A_price_book_of_ones_own_is_in_every_process()
    {
        var rendered = await Manifests.HelmAsync(JsonNode.Parse("""{"pricing":{"configMap":"our-prices"}}""")!);

        Assert.Empty(rendered.Findings);
        var processes = rendered.Documents.Where(static one => (string?)one["kind"] == "Deployment").ToList();
        Assert.Equal(4, processes.Count);
        Assert.All(processes, static one =>
        {
            var pod = one["spec"]!["template"]!["spec"]!;
            Assert.Contains("our-prices", pod["volumes"]!.ToJsonString(), StringComparison.Ordinal);
            Assert.Contains(pod["containers"]![0]!["env"]!.AsArray(), static variable => (string?)variable!["name"] == "PLATFORM_PRICING__FILE"
                && (string?)variable["value"] == "/etc/platform/prices/prices.json");
            Assert.Contains(pod["containers"]![0]!["volumeMounts"]!.AsArray(), static mount => (string?)mount!["mountPath"] == "/etc/platform/prices");
        });
    }

    [Fact]
    public async Task Backends_in_other_namespaces_are_let_through_by_their_labels()
    {
        var rendered = await Manifests.HelmAsync(JsonNode.Parse(
            """{"networkPolicy":{"backendPeers":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"databases"}}}]}}""")!);

        Assert.Empty(rendered.Findings);
        var policy = rendered.Documents.Single(static one => ((string?)one["metadata"]!["name"])!.EndsWith("-to-backends", StringComparison.Ordinal));
        Assert.Contains("\"databases\"", policy["spec"]!["egress"]!.ToJsonString(), StringComparison.Ordinal);
    }

    // Helm lays a map over the default one, key by key: a default label would have to be there as well.
    [Fact]
    public async Task Labels_of_ones_own_take_the_place_of_the_usual_ones()
    {
        var usual = await PoliciesAsync("{}");
        var own = await PoliciesAsync("""
            {"networkPolicy":{"ingressNamespace":{"kubernetes.io/metadata.name":"nginx"},"monitoringNamespace":{"kubernetes.io/metadata.name":"watch"},
              "dns":{"namespace":{"kubernetes.io/metadata.name":"openshift-dns"},"pods":{"dns.operator.openshift.io/daemonset-dns":"default"}}}}
            """);

        foreach (var label in new[] { "platform/ingress", "platform/monitoring", "k8s-app", "kube-system" })
        {
            Assert.Contains($"\"{label}\"", usual, StringComparison.Ordinal);
            Assert.DoesNotContain($"\"{label}\"", own, StringComparison.Ordinal);
        }

        foreach (var label in new[] { "nginx", "watch", "openshift-dns", "dns.operator.openshift.io/daemonset-dns" })
        {
            Assert.Contains($"\"{label}\"", own, StringComparison.Ordinal);
        }

        static async Task<string> PoliciesAsync(string values) => string.Concat((await Manifests.HelmAsync(JsonNode.Parse(values)!)).Documents
            .Where(static one => (string?)one["kind"] == "NetworkPolicy").Select(static one => one["spec"]!.ToJsonString()));
    }

    [Fact]
    public async Task What_the_prometheus_operator_selects_by_is_on_both_of_its_resources()
    {
        var documents = (await Manifests.HelmAsync(JsonNode.Parse("""
            {"monitoring":{"serviceMonitor":true,"alerts":true,"labels":{"release":"stack"}}}
            """)!)).Documents.Where(static one => (string?)one["kind"] is "ServiceMonitor" or "PrometheusRule").ToList();

        Assert.Equal(2, documents.Count);
        Assert.All(documents, static one => Assert.Equal("stack", (string?)one["metadata"]!["labels"]!["release"]));
    }

    [Fact]
    public async Task Names_are_looked_up_where_the_cluster_has_them_looked_up()
    {
        var policies = (await Manifests.HelmAsync(JsonNode.Parse("""{"networkPolicy":{"dns":{"cidr":"169.254.20.10/32"}}}""")!)).Documents
            .Where(static one => (string?)one["kind"] == "NetworkPolicy").Select(static one => one.ToJsonString()).ToList();

        Assert.Contains(policies, static one => one.Contains("169.254.20.10/32", StringComparison.Ordinal));
        Assert.DoesNotContain(policies, static one => one.Contains("kube-dns", StringComparison.Ordinal));
    }

    private static string? From(JsonArray env, string name) =>
        env.Single(one => (string?)one!["name"] == name)!["valueFrom"]!["secretKeyRef"]!.ToJsonString();

    private static JsonNode Beside(string env) => JsonNode.Parse($$$"""
        {"publicBaseUrl":"https://a.b","workers":[{{{OnGpu}}},
          {"name":"cpu","pools":["a","b"],"slots":4,"replicas":1,"env":{{{env}}},
           "autoscaling":{"enabled":false,"minReplicas":1,"maxReplicas":2},{{{Resources}}},
           "gpu":{"enabled":false}}]}
        """)!;

    private static async Task<string> RefusalAsync(JsonNode values) =>
        (await Assert.ThrowsAnyAsync<XunitException>(() => Manifests.HelmTextAsync(values))).Message;
}
