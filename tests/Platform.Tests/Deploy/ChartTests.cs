using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Deploy;

/// <summary>The chart in every combination of its switches.</summary>
public sealed class ChartTests
{
    private static readonly string[] Unchecked = ["postgresql.cnpg.io/v1/Cluster", "rabbitmq.com/v1beta1/RabbitmqCluster"];
    private static readonly string[] Secrets = ["platform", "platform-db-app", "platform-mq-default-user"];

    [Fact]
    public async Task Every_combination_of_values_is_valid_and_restricted()
    {
        var combinations = Combinations().ToArray();
        Assert.Equal(4096, combinations.Length);

        var rendered = await Manifests.HelmAsync(combinations);

        Assert.True(rendered.Documents.Count > 60, $"only {rendered.Documents.Count} documents");
        Assert.Empty(rendered.Findings);
        Assert.Empty(rendered.Unknown.Except(Unchecked, StringComparer.Ordinal));
        Assert.Empty(rendered.Documents.SelectMany(PodRules.Check));
    }

    [Fact]
    public async Task The_schema_takes_every_combination()
    {
        var found = await Manifests.ValuesAsync([.. Combinations()]);
        Assert.Empty(found.SelectMany(static one => one));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"database":{"mode":"operator"},"broker":{"mode":"operator"}}""")]
    [InlineData("""{"api":{"autoscaling":{"enabled":false}},"ingress":{"enabled":true,"host":"a.b","tlsSecret":"tls"},"monitoring":{"serviceMonitor":true}}""")]
    public async Task Documents_of_one_installation_fit_together(string values)
    {
        var rendered = await Manifests.HelmAsync(JsonNode.Parse(values)!);
        Assert.Empty(ReferenceRules.Check(rendered.Documents, Secrets));
    }

    [Theory]
    [InlineData("""{"imagee":{}}""", "imagee")]
    [InlineData("""{"image":{"tag":"latest"}}""", "/image/tag")]
    [InlineData("""{"api":{"replicas":"2"}}""", "/api/replicas")]
    [InlineData("""{"database":{"mode":"sqlite"}}""", "/database/mode")]
    [InlineData("""{"broker":{"replicas":2}}""", "/broker/replicas")]
    [InlineData("""{"publicBaseUrl":"speech.example.com"}""", "/publicBaseUrl")]
    [InlineData("""{"workers":[{"name":"a"}]}""", "slots")]
    [InlineData("""{"settings":{"WORKER_SLOTS":"3"}}""", "/settings")]
    [InlineData("""{"networkPolicy":{"backendCidrs":["db.internal"]}}""", "/networkPolicy/backendCidrs/0")]
    [InlineData("""{"networkPolicy":{"backendPeers":[{"ipBlock":{"cidr":"0.0.0.0/0"}}]}}""", "/networkPolicy/backendPeers/0")]
    public async Task Wrong_values_are_refused_by_the_schema(string values, string named)
    {
        var found = Assert.Single(await Manifests.ValuesAsync(JsonNode.Parse(values)!));
        Assert.Contains(found, error => error.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_gpu_without_a_model_is_refused()
    {
        var worker = Worker(gpu: false, scaled: false);
        worker["gpu"] = JsonNode.Parse("""{"enabled":true}""");
        Assert.NotEmpty(Assert.Single(await Manifests.ValuesAsync(new JsonObject { ["workers"] = new JsonArray(worker) })));
    }

    [Fact]
    public async Task Settings_reach_the_pods_and_a_change_of_them_restarts_these()
    {
        var one = await Manifests.HelmAsync(JsonNode.Parse("""{"settings":{"PLATFORM_LIMITS__BURST":"5000"}}""")!);
        var other = await Manifests.HelmAsync(JsonNode.Parse("""{"settings":{"PLATFORM_LIMITS__BURST":"6000"}}""")!);

        Assert.Equal("5000", (string?)one.Documents.Single(static d => (string?)d["kind"] == "ConfigMap")["data"]!["PLATFORM_LIMITS__BURST"]);
        Assert.NotEqual(Checksum(one), Checksum(other), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_gpu_makes_its_server_the_engine_of_its_pools_unless_settings_say_otherwise()
    {
        var values = new JsonObject
        {
            ["workers"] = new JsonArray(Worker(gpu: true, scaled: false)),
            ["settings"] = new JsonObject { ["PLATFORM_ENGINES__POOLS__qwen3_tts_base"] = "espeak-ng", ["PLATFORM_API__DRAINDELAYSECONDS"] = "0" },
        };

        var settings = (await Manifests.HelmAsync(values)).Documents.Single(static one => (string?)one["kind"] == "ConfigMap")["data"]!;

        Assert.Equal("openai-speech", (string?)settings["PLATFORM_ENGINES__INSTANCES__local__KIND"]);
        Assert.Equal("http://127.0.0.1:8091", (string?)settings["PLATFORM_ENGINES__INSTANCES__local__URL"]);
        Assert.Equal("local", (string?)settings["PLATFORM_ENGINES__POOLS__qwen3_tts_customvoice"]);
        Assert.Equal("espeak-ng", (string?)settings["PLATFORM_ENGINES__POOLS__qwen3_tts_base"]);
        Assert.Equal("0", (string?)settings["PLATFORM_API__DRAINDELAYSECONDS"]);
    }

    [Fact]
    public async Task Helm_itself_renders_the_same_where_it_is_installed()
    {
        var folders = Environment.GetEnvironmentVariable("PATH")!.Split(':');
        Assert.SkipUnless(folders.Any(static one => File.Exists(Path.Combine(one, "helm"))), "helm is not installed");
        var (yaml, _) = await Tool.RunAsync(Needed.Program("helm"),
            ["template", "platform", Path.Combine(Manifests.Root, "helm/platform"), "-n", "speech", "--set", "publicBaseUrl=https://speech.example.com"]);
        var theirs = await Manifests.CheckAsync(System.Text.Encoding.UTF8.GetString(yaml));
        var ours = await Manifests.HelmAsync(new JsonObject());

        Assert.Equal(Sorted(ours), Sorted(theirs));
    }

    private static string[] Sorted(Rendered rendered) => [.. rendered.Documents.Select(static one => one.ToJsonString()).Order(StringComparer.Ordinal)];

    private static string Checksum(Rendered rendered) => (string)rendered.Documents.First(static one => (string?)one["kind"] == "Deployment")
        ["spec"]!["template"]!["metadata"]!["annotations"]!["platform/settings"]!;

    private static IEnumerable<JsonNode> Combinations()
    {
        for (var bits = 0; bits < 4096; bits++)
        {
            bool On(int bit) => (bits & (1 << bit)) != 0;
            yield return new JsonObject
            {
                ["database"] = new JsonObject { ["mode"] = On(0) ? "operator" : "external" },
                ["broker"] = new JsonObject { ["mode"] = On(1) ? "operator" : "external" },
                ["s3"] = new JsonObject { ["credentials"] = On(2) },
                ["api"] = new JsonObject { ["autoscaling"] = new JsonObject { ["enabled"] = On(3) } },
                ["workers"] = new JsonArray(Worker(On(4), On(5))),
                ["ingress"] = new JsonObject { ["enabled"] = On(6), ["host"] = "speech.example.com", ["tlsSecret"] = "tls" },
                ["networkPolicy"] = new JsonObject { ["enabled"] = On(7) },
                ["monitoring"] = new JsonObject { ["serviceMonitor"] = On(8), ["alerts"] = On(9), ["dashboards"] = On(10) },
                ["migrate"] = new JsonObject { ["enabled"] = On(11) },
            };
        }
    }

    private static JsonObject Worker(bool gpu, bool scaled)
    {
        var worker = (JsonObject)JsonNode.Parse("""
            {
              "name": "custom", "pools": ["qwen3_tts_customvoice", "qwen3_tts_base"], "slots": 8, "replicas": 2,
              "env": {"PLATFORM_ENGINES__DEFAULT": "espeak-ng", "PLATFORM_ENGINES__POOLS__qwen3_tts_base": "espeak-ng"},
              "autoscaling": {"minReplicas": 0, "maxReplicas": 3},
              "resources": {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"cpu": 2, "memory": "1Gi"}},
              "gpu": {"image": "vllm/vllm-omni:v0.18.0", "model": "Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice"}
            }
            """)!;
        worker["autoscaling"]!["enabled"] = scaled;
        worker["gpu"]!["enabled"] = gpu;
        return worker;
    }
}
