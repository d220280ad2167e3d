using System.CommandLine;
using System.Globalization;
using Platform.Ledger;
using Platform.Ledger.Reconciliation;

namespace Platform.Server;

/// <summary><c>reconcile</c>: compares all books; ends with 1 when they differ or one could not be read.</summary>
internal static class ReconcileVerb
{
    private const int ShownDifferences = 50;
    private static readonly Option<string?> From = new("--from") { Description = "ISO 8601, such as 2026-11-01. Default: the beginning." };
    private static readonly Option<string?> To = new("--to") { Description = "ISO 8601; not part of it. Default: now." };
    private static readonly Option<string?> Report = new("--report") { Description = "Folder that gets the report as JSON, CSV and a page." };
    private static readonly Option<Guid> Tenant = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();

    public static Command Create()
    {
        var reconcile = Verb.MakeChecking(
            "reconcile", "Compare the ledger with tasks, balances, usage and payments. Repairs nothing; says what would.", [From, To, Report, Json], RunAsync);
        reconcile.Add(Verb.Make("rebuild", "Put an account right by its entries, when a reconciliation says so.", [Tenant, Json], RebuildAsync));
        return reconcile;
    }

    private static async Task RebuildAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var rebuilt = await services.Get<RebuildAccount>().RunAsync(given.GetValue(Tenant), Verb.Actor, cancellation);
        Verb.Answer(
            given.GetValue(Json), rebuilt,
            $"The balance was {Verb.Usd(rebuilt.BalanceBefore)} and is {Verb.Usd(rebuilt.Balance)}; held was {Verb.Usd(rebuilt.HeldBefore)} and is "
                + $"{Verb.Usd(rebuilt.Held)}. {rebuilt.Corrections} entries were added.");
    }

    private static async Task<int> RunAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var period = new Period(
            Verb.Instant("--from", given.GetValue(From)) ?? Period.All.From,
            Verb.Instant("--to", given.GetValue(To)) ?? services.Get<TimeProvider>().GetUtcNow());
        if (period.From >= period.To)
        {
            throw new VerbRefusedException("--to must lie after --from.");
        }

        var report = await services.Get<Reconcile>().RunAsync(period, Verb.Actor, cancellation);
        var files = given.GetValue(Report) is { Length: > 0 } folder ? await ReportFiles.WriteAsync(folder, report, cancellation) : [];
        Console.WriteLine(given.GetValue(Json) ? ReportText.ToJson(report) : Render(report, files));
        return report.IsClean ? 0 : 1;
    }

    private static string Render(ReconcileReport report, IReadOnlyList<string> files)
    {
        var checks = TextTable.Render(
            ["CHECK", "DIFFERENCES", "DEALT WITH", "SECONDS", ""],
            report.Checks.Select(static check => new[]
            {
                check.Name, check.Count.ToString(CultureInfo.InvariantCulture), check.Repaired.ToString(CultureInfo.InvariantCulture),
                check.Seconds.ToString("0.00", CultureInfo.InvariantCulture),
                check.Fault is { } fault ? $"could not be made: {fault}" : check.LeftOut is { } reason ? $"not compared: {reason}" : null,
            }));
        var differences = report.Checks.SelectMany(static check => check.Differences).Take(ShownDifferences).Select(static one =>
            $"\n{one.Kind}: {one.Subject}{(one.TenantId is { } tenant ? $" (tenant {tenant})" : "")}\n"
            + $"  expected {one.Expected}; found {one.Found}\n  {one.Repair}\n");
        return string.Join('\n', [checks, .. differences, ReportText.Verdict(report), .. files.Select(static file => $"Wrote {file}")]);
    }
}
