using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Platform.Engines;
using Platform.Hosting;
using Platform.Hosting.Nodes;
using Platform.Ledger.Reconciliation;
using Platform.Storage;
using Platform.Tasks;
using Platform.Telemetry;
using Platform.Tests.Layout;
using Xunit;

namespace Platform.Tests.Telemetry;

/// <summary>Dashboards and alerts are written against <c>docs/telemetry.md</c>: it lists every metric as the program makes it.</summary>
public sealed class DocumentedMetricsTests
{
    // A tenant's id, an address or a UUID as a tag would be a series for each.
    private static readonly string[] Tags =
    [
        "pool", "delivery", "reason", "state", "outcome", "code", "engine", "stage", "task_type", "answer", "format", "role", "roles",
        "version", "volume", "sweep", "check",
    ];

    [Fact]
    public void Every_metric_stands_in_the_documentation_and_every_documented_metric_is_made()
    {
        var made = MakeAll().Select(static one => $"{one.Name} | {KindOf(one)} | {one.Unit ?? ""}").Order(StringComparer.Ordinal);
        var documented = Rows().Select(static row => $"{row[0]} | {row[1]} | {row[2]}").Order(StringComparer.Ordinal);
        Assert.Equal(string.Join('\n', documented), string.Join('\n', made));
    }

    [Fact]
    public void Every_metric_says_what_it_is() => Assert.All(MakeAll(), static one => Assert.False(string.IsNullOrEmpty(one.Description), one.Name));

    [Fact]
    public void No_tag_has_more_values_than_an_operator_can_look_at() =>
        Assert.All(
            Rows().SelectMany(static row => row[3].Split(", ", StringSplitOptions.RemoveEmptyEntries)),
            static tag => Assert.Contains(tag, Tags, StringComparer.Ordinal));

    private static IEnumerable<string[]> Rows() =>
        File.ReadLines(Path.Combine(SourceTree.Current.Root, "docs/telemetry.md"))
            .Where(static line => line.StartsWith("| `platform.", StringComparison.Ordinal))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])
            .Select(static row => row.Select(static cell => cell.Replace("`", "", StringComparison.Ordinal)).ToArray());

    private static List<Instrument> MakeAll()
    {
        var made = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == Meters.Name)
                {
                    lock (made)
                    {
                        made.Add(instrument);
                    }
                }
            },
        };
        listener.Start();
        foreach (var type in typeof(Meters).Assembly.GetTypes().Where(static type => type.Name.EndsWith("Metrics", StringComparison.Ordinal)))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        // Their gauges look at nothing before they are asked.
        using var standing = new StandingGauges(null!, null!, null!, null!);
        using var reconciliations = new ReconcileMeter(TimeProvider.System);
        using var slots = new SlotGauges(null!);
        using var node = new NodeGauges(
            null!,
            new NodeVolumes(
                new DataFolder("/nowhere"), Options.Create(new StorageOptions()), Options.Create(new S3Options()), Options.Create(new EnginesOptions())),
            new NodeFacts(Guid.Empty, "api", static () => []));
        return [.. made.DistinctBy(static one => one.Name, StringComparer.Ordinal)];
    }

    private static string KindOf(Instrument one) => one.GetType().Name switch
    {
        var name when name.StartsWith("Histogram", StringComparison.Ordinal) => "histogram",
        var name when name.StartsWith("Counter", StringComparison.Ordinal) => "counter",
        _ => "gauge",
    };
}
