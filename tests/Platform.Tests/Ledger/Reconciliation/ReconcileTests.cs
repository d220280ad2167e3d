using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Ledger;
using Platform.Ledger.Reconciliation;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Reconciliation;

/// <summary>What is made of what the checks find, whatever they are.</summary>
public sealed class ReconcileTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private readonly ManualTime time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counts_all_differences_and_lists_the_first_of_them()
    {
        var report = await RunAsync(new FakeCheck("many", Reconcile.MostListed + 7), new FakeCheck("none", 0));

        Assert.Equal((Reconcile.MostListed + 7, 0, false), (report.Differences, report.FailedChecks, report.IsClean));
        Assert.Equal(Reconcile.MostListed, report.Checks[0].Differences.Count);
        Assert.Empty(report.Checks[1].Differences);
        var kept = await new ReadReconciliations(spine.Database).FindAsync(report.ReconciliationId, Token);
        Assert.Equal(ReportText.ToJson(report), ReportText.ToJson(kept!));
    }

    [Fact]
    public async Task A_check_that_cannot_be_made_is_no_clean_one_and_does_not_stop_the_others()
    {
        var report = await RunAsync(new BrokenCheck(), new FakeCheck("after", 1));

        Assert.Equal((1, 1, false), (report.Differences, report.FailedChecks, report.IsClean));
        Assert.Equal("the other side is away", report.Checks[0].Fault);
        Assert.Contains("1 checks could not be made", ReportText.Verdict(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_operator_has_dealt_with_is_told_apart()
    {
        var tenant = await spine.TenantAsync(credit: 100);
        await spine.Get<AddCredit>().RunAsync(tenant, 1, Difference.ReferenceOf("fake", "0"), "as the report said", Token);
        await spine.ExecuteAsync(
            "insert into audit_log (actor, action, tenant_id, subject) values ('cli root', 'audit.note', $1, $2)",
            tenant, Difference.ReferenceOf("fake", "1"));

        var outcome = Assert.Single((await RunAsync(new FakeCheck("some", 3) { TenantId = tenant })).Checks);

        Assert.Equal((1L, 2L, "2"), (outcome.Count, outcome.Repaired, Assert.Single(outcome.Differences).Key));
    }

    [Fact]
    public async Task The_csv_and_the_page_say_the_same_and_run_nothing()
    {
        var report = await RunAsync(new FakeCheck("=cmd", 2) { Found = "<script>alert(1)</script>" }, new BrokenCheck());
        using var csv = new MemoryStream();
        await ReportText.WriteCsvAsync(report, csv, Token);

        var lines = Encoding.UTF8.GetString(csv.ToArray()).TrimEnd().Split("\r\n");
        Assert.Equal("check,kind,tenantId,key,subject,expected,found,repair", lines[0]);
        Assert.Equal("\"'=cmd\",fake,,0,row 0,1,<script>alert(1)</script>,credits adjust", lines[1]);
        Assert.Contains("checkFailed", lines[3], StringComparison.Ordinal);
        var page = ReportText.ToHtml(report);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("credits adjust", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_three_files_are_written_beside_each_other()
    {
        using var folder = new TempFolder();

        var paths = await ReportFiles.WriteAsync(folder["deep/er"], await RunAsync(new FakeCheck("one", 1)), Token);

        Assert.Equal(".json .csv .html", string.Join(' ', paths.Select(Path.GetExtension)));
        Assert.Equal(1, (int)JsonNode.Parse(await File.ReadAllTextAsync(paths[0], Token))!["differences"]!);
    }

    [Fact]
    public async Task The_metric_shows_the_newest_report_by_check()
    {
        using var meter = new ReconcileMeter(time);
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "platform.reconcile.differences")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => seen[(string)tags[0].Value!] = value);
        listener.Start();

        meter.Show(await RunAsync(new FakeCheck("meter-some", 3), new FakeCheck("meter-none", 0)));
        listener.RecordObservableInstruments();

        Assert.Equal((3, 0), (seen["meter-some"], seen["meter-none"]));
    }

    private Task<ReconcileReport> RunAsync(params IBookCheck[] checks) =>
        new Reconcile(checks, spine.Database, time, NullLogger<Reconcile>.Instance).RunAsync(
            new Period(time.GetUtcNow().AddDays(-1), time.GetUtcNow()), "test", Token);

    private sealed class FakeCheck(string name, int count) : IBookCheck
    {
        public string Name => name;

        public string Question => "Is it as it should be?";

        public Guid? TenantId { get; init; }

        public string Found { get; init; } = "2";

        public async IAsyncEnumerable<Difference> FindAsync(
            Period period, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.Yield();
            for (var i = 0; i < count; i++)
            {
                yield return new Difference
                {
                    Kind = "fake", TenantId = TenantId, Key = $"{i}", Subject = $"row {i}", Expected = "1", Found = Found, Repair = "credits adjust",
                };
            }
        }
    }

    private sealed class BrokenCheck : IBookCheck
    {
        public string Name => "broken";

        public string Question => "Does the other side agree?";

        public IAsyncEnumerable<Difference> FindAsync(Period period, CancellationToken cancellation) =>
            throw new HttpRequestException("the other side is away");
    }
}
