using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Platform.Tests.Fixtures;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Deploy;

/// <summary>Alerts and dashboards: their queries hold what Prometheus asks of them, and every figure that they name exists.</summary>
public sealed partial class MonitoringTests
{
    private static string AlertFile => Path.Combine(Manifests.Root, "helm/platform/files/alerts.yaml");

    private static string Telemetry => File.ReadAllText(Path.Combine(Manifests.Root, "docs/telemetry.md"));

    [Fact]
    public async Task Each_alert_fires_when_it_should_and_not_before()
    {
        var promtool = Needed.Program("promtool");
        await Tool.RunAsync(promtool, ["check", "rules", AlertFile]);
        await Tool.RunAsync(promtool, ["test", "rules", Path.Combine(Manifests.Root, "tests/manifests/alerts.yaml")]);
    }

    [Fact]
    public async Task The_overlays_and_the_chart_bring_the_same_alerts()
    {
        var overlay = (await Manifests.KustomizeAsync("overlays/prod")).Documents.Single(static one => (string?)one["kind"] == "PrometheusRule");
        var chart = (await Manifests.HelmAsync(JsonNode.Parse("""{"monitoring":{"alerts":true}}""")!)).Documents
            .Single(static one => (string?)one["kind"] == "PrometheusRule");

        Assert.True(JsonNode.DeepEquals(overlay["spec"], chart["spec"]));
        Assert.True(chart["spec"]!["groups"]![0]!["rules"]!.AsArray().Count > 10);
    }

    [Fact]
    public void Each_alert_has_a_section_in_the_runbook()
    {
        var sections = Heading().Matches(File.ReadAllText(Path.Combine(Manifests.Root, "docs/operations.md")))
            .Select(static match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var alerts = Alert().Matches(File.ReadAllText(AlertFile)).Select(static match => match.Groups["name"].Value).ToList();

        Assert.NotEmpty(alerts);
        Assert.All(alerts, name => Assert.Contains(name, sections, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_figure_that_is_asked_for_is_one_that_the_platform_has()
    {
        var known = Known().ToHashSet(StringComparer.Ordinal);
        var asked = Queries().SelectMany(static query => Figure().Matches(query)).Select(static match => match.Value).Distinct(StringComparer.Ordinal).ToList();

        Assert.True(asked.Count > 25, string.Join(' ', asked));
        Assert.DoesNotContain(asked, name => !known.Contains(name));
    }

    [Fact]
    public async Task Every_query_of_the_dashboard_is_one_that_prometheus_reads()
    {
        var rules = string.Concat(Panels().Select(static (query, i) =>
            $"  - {{ record: 'panel:{i}', expr: '{query.Replace("$__rate_interval", "1m", StringComparison.Ordinal)}' }}\n"));
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["panels.yaml"], $"groups:\n- name: panels\n  rules:\n{rules}", TestContext.Current.CancellationToken);

        await Tool.RunAsync(Needed.Program("promtool"), ["check", "rules", folder["panels.yaml"]]);
    }

    [Fact]
    public void The_first_row_of_the_dashboard_says_whether_customers_are_served()
    {
        var first = Dashboard()["panels"]!.AsArray().Skip(1).TakeWhile(static panel => (string?)panel!["type"] != "row").ToList();

        Assert.Equal(10, first.Count);
        Assert.All(first.GroupBy(static panel => (int)panel!["gridPos"]!["y"]!), static row =>
            Assert.Equal(24, row.Sum(static panel => (int)panel!["gridPos"]!["w"]!)));
        Assert.All(first, static panel => Assert.Equal("stat", (string?)panel!["type"]));
        Assert.All(first, static panel => Assert.True(panel!["fieldConfig"]!["defaults"]!["thresholds"]!["steps"]!.AsArray().Count >= 2));

        // What it shows is of this moment, and a figure that is gone is not shown in the colour that it had.
        Assert.All(first, static panel => Assert.All(panel!["targets"]!.AsArray(), static target => Assert.True((bool?)target!["instant"])));
        Assert.All(first, static panel => Assert.Equal("no data", (string?)panel!["fieldConfig"]!["defaults"]!["noValue"]));
        Assert.Contains("or vector(0)", (string?)first[0]!["targets"]![0]!["expr"], StringComparison.Ordinal);
    }

    [Fact]
    public void The_dashboard_asks_whichever_prometheus_is_chosen()
    {
        var dashboard = Dashboard();
        var sources = dashboard["panels"]!.AsArray().Where(static panel => (string?)panel!["type"] != "row")
            .SelectMany(static panel => panel!["targets"]!.AsArray().Select(static target => target!["datasource"]).Append(panel["datasource"])).ToList();
        var variable = Assert.Single(dashboard["templating"]!["list"]!.AsArray())!;

        Assert.True(sources.Count > 40);
        Assert.All(sources, static one => Assert.Equal(("prometheus", "${datasource}"), ((string?)one!["type"], (string?)one["uid"])));
        Assert.Equal(("datasource", "datasource", "prometheus"), ((string?)variable["name"], (string?)variable["type"], (string?)variable["query"]));
        var compose = File.ReadAllText(Path.Combine(Manifests.Root, "docker-compose.yml"));
        Assert.Contains($"uid: {variable["current"]!["value"]}, type: prometheus", compose, StringComparison.Ordinal);
    }

    private static JsonNode Dashboard() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Manifests.Root, "helm/platform/files/dashboards/platform.json")))!;

    private static IEnumerable<string> Queries() =>
        Panels().Concat(File.ReadAllLines(AlertFile).Where(static line => !line.Contains("runbook", StringComparison.Ordinal)));

    private static IEnumerable<string> Panels() =>
        Dashboard()["panels"]!.AsArray().SelectMany(static panel => panel!["targets"]?.AsArray() ?? []).Select(static target => (string)target!["expr"]!);

    // As docs/telemetry.md says: underscores for dots, the unit behind the name, and what a counter or a histogram adds.
    private static IEnumerable<string> Known()
    {
        foreach (Match row in Row().Matches(Telemetry))
        {
            var isGauge = row.Groups["type"].Value == "gauge";
            var unit = row.Groups["unit"].Value switch { "s" => "_seconds", "By" => "_bytes", "1" when isGauge => "_ratio", _ => "" };
            var name = row.Groups["name"].Value.Replace('.', '_') + unit;
            foreach (var suffix in row.Groups["type"].Value switch
            {
                "counter" => new[] { "_total" },
                "histogram" => ["_bucket", "_sum", "_count"],
                _ => [""],
            })
            {
                yield return name + suffix;
            }
        }
    }

    [GeneratedRegex(@"^\| `(?<name>platform\.[a-z_.]+)` \| (?<type>\w+) \|\s*`?(?<unit>[^|`]*?)`?\s*\|", RegexOptions.Multiline, 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"\bplatform_[a-z_]+", RegexOptions.None, 1000)]
    private static partial Regex Figure();

    [GeneratedRegex(@"^#{2,4} (?<name>\w+)\s*$", RegexOptions.Multiline, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"- alert: (?<name>\w+)", RegexOptions.None, 1000)]
    private static partial Regex Alert();
}
