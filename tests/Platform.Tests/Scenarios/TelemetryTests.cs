using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.Tests.Delivery.Webhooks;
using Platform.Tests.Fixtures;
using Platform.Tests.Telemetry;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>An installation that is watched: a collector, a scraper and a reader of logs see a task's whole way, and nothing that is not theirs.</summary>
[Collection(Stories.Name)]
public sealed class TelemetryTests(TestPostgres postgres, TestRabbit rabbit)
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string Secret = "Squeamish ossifrage";

    [Fact]
    public async Task One_task_is_followed_through_all_processes_and_nothing_private_is_told()
    {
        await using var collector = await HookReceiver.StartAsync();
        await using var receiver = await HookReceiver.StartAsync();
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        var ports = FreePort.Several(3);
        var api = await StartAsync(cluster, collector, "api", ports[0], ("PLATFORM_URLS", cluster.Address.OriginalString));
        var worker = await StartAsync(cluster, collector, "worker", ports[1]);
        var scheduler = await StartAsync(cluster, collector, "scheduler", ports[2]);
        ChildProcess[] all = [api, worker, scheduler];
        var customer = await new Operator(cluster.Address, Cluster.AdminKey).NewCustomerAsync();

        var speech = Ask.ForSpeech($"{Secret}.", $$"""{"webhookURL":"{{receiver.Url("/done?key=hidden-token")}}"}""");
        var reply = await SendTracedAsync(customer, speech);
        var parent = Assert.Single(reply.Response.Headers.GetValues("traceparent"));
        Assert.StartsWith($"00-{TraceId}-", parent, StringComparison.Ordinal);
        Assert.Equal(400, (await SendTracedAsync(customer, Ask.ForSpeech(Secret, """{"secretField":1}"""))).Status);
        await receiver.HeardAsync(1);
        var synchronous = await customer.SpeakAsync(Ask.ForSpeech($"{Secret} once more."));
        Assert.Single(synchronous);

        var spans = await Until.FoundAsync(async () => await SpansAsync(collector) is { } seen && Steps.All(seen.ContainsKey) ? seen : null);
        CheckTree(spans, parent.Split('-')[2]);
        var metrics = await ScrapeAsync(ports);
        CheckMetrics(metrics);
        await CheckClosedPortAsync(cluster.Address, ports[0]);
        Assert.All(await Task.WhenAll(all.Select(static one => one.StopAsync())), static code => Assert.Equal(0, code));

        string[] secrets = [Secret, customer.Key!, Cluster.AdminKey, "hidden-token", "whsec_", "secretField", "Password"];
        CheckSilence(secrets, "telemetry", string.Concat(collector.All.Select(static one => Encoding.Latin1.GetString(one.Body))));
        CheckSilence([.. secrets, customer.TenantId.ToString()], "metrics", metrics);
        Assert.All(all, one => CheckLogs(secrets, one.Lines.Text));
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    private static readonly string[] Steps =
    [
        "POST /v1", "task.submit", "task.accept", "task.wait", "task.attempt", "engine.speak", "media.encode", "storage.write", "task.settle",
        "webhook.deliver",
    ];

    private static Task<ChildProcess> StartAsync(
        Cluster cluster, HookReceiver collector, string role, int port, params (string Name, string Value)[] more) => cluster.StartAsync(
            role,
            [
                .. more, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.OriginalString), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"), ("PLATFORM_TELEMETRY__SAMPLERATIO", "1"),
                ("PLATFORM_TELEMETRY__MEASURESECONDS", "1"), ("PLATFORM_TELEMETRY__METRICSURL", $"http://127.0.0.1:{port}"),
                ("PLATFORM_LOGGING__CONSOLE__FORMATTERNAME", "json"), ("PLATFORM_LOGGING__LOGLEVEL__PLATFORM", "Debug"),
            ]);

    private static Task<Reply> SendTracedAsync(Customer customer, JsonObject task) => customer.SendAsync(
        new StringContent(new JsonArray(task.DeepClone()).ToJsonString(), Encoding.UTF8, "application/json"),
        // Not sampled, says the customer; whether this platform looks is its own affair.
        static request => request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-00"));

    private static Task<Dictionary<string, SeenSpan>> SpansAsync(HookReceiver collector) => Task.FromResult(collector.All
        .Where(static one => one.Path == "/v1/traces")
        .SelectMany(static one => OtlpReader.Spans(one.Body))
        .Where(static span => span.TraceId == TraceId)
        .GroupBy(static span => span.Name, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => group.First(), StringComparer.Ordinal));

    private static void CheckTree(Dictionary<string, SeenSpan> spans, string server)
    {
        string ParentOf(string name) => spans.Values.SingleOrDefault(other => other.SpanId == spans[name].ParentId)?.Name ?? spans[name].ParentId;
        Assert.Equal("b7ad6b7169203331", spans["POST /v1"].ParentId);
        Assert.Equal(server, spans["POST /v1"].SpanId);
        Assert.Equal("POST /v1", ParentOf("task.submit"));
        Assert.All(["task.accept", "task.wait", "task.attempt", "webhook.deliver"], (string name) => Assert.Equal("task.submit", ParentOf(name)));
        Assert.All(["engine.speak", "media.encode", "storage.write", "task.settle"], (string name) => Assert.Equal("task.attempt", ParentOf(name)));
        Assert.Equal(
            "api api worker worker scheduler",
            string.Join(' ', ((string[])["POST /v1", "task.accept", "task.attempt", "engine.speak", "webhook.deliver"]).Select(name => spans[name].Roles)));
    }

    private static async Task<string> ScrapeAsync(int[] ports)
    {
        using var http = new HttpClient();
        return await Until.FoundAsync(async () =>
        {
            var texts = await Task.WhenAll(ports.Select(port => http.GetStringAsync(
                new Uri($"http://127.0.0.1:{port}/metrics"), TestContext.Current.CancellationToken)));
            var text = string.Concat(texts);
            return Expected.All(one => text.Contains(one, StringComparison.Ordinal)) ? text : null;
        });
    }

    private static readonly string[] Expected =
    [
        "platform_task_accepted_total{", "platform_task_queue_wait_seconds_bucket{", "platform_engine_real_time_factor_count{",
        "platform_sync_wait_seconds_count{", "platform_webhook_lag_seconds_count{", "platform_money_captured_total{",
        "platform_money_held{", "platform_api_errors_total{", "platform_pool_slots_busy{", "platform_pool_waiting{",
        "platform_sweep_age_seconds{", "platform_nodes{", "http_server_request_duration_seconds_count{",
    ];

    private static void CheckMetrics(string text)
    {
        Assert.Contains("code=\"unknownParameter\"", text, StringComparison.Ordinal);
        Assert.Matches("""platform_nodes\{[^}]*role="worker"[^}]*\} 1""", text);
        Assert.Matches("""platform_broker_up(\{[^}]*\})? 1""", text);
        Assert.Matches("""platform_money_difference(\{[^}]*\})? 0""", text);
    }

    private static async Task CheckClosedPortAsync(Uri api, int metricsPort)
    {
        using var http = new HttpClient();
        using var spoofed = new HttpRequestMessage(HttpMethod.Get, new Uri(api, "metrics")) { Headers = { Host = $"127.0.0.1:{metricsPort}" } };
        using var refused = await http.SendAsync(spoofed, TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)refused.StatusCode);
        using var other = await http.GetAsync(new Uri($"http://127.0.0.1:{metricsPort}/v1"), TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)other.StatusCode);
    }

    private static void CheckSilence(string[] secrets, string where, string text)
    {
        Assert.NotEmpty(text);
        Assert.All(secrets, secret => Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"'{secret}' stands in the {where}."));
    }

    private static void CheckLogs(string[] secrets, string text)
    {
        var lines = text.Split('\n').Where(static line => line.StartsWith('{')).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, static line => Assert.NotNull(JsonSerializer.Deserialize<JsonObject>(line)!["Message"]));
        CheckSilence(secrets, "log", text);
    }
}
