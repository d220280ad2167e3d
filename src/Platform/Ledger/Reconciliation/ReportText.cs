using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsvHelper;

namespace Platform.Ledger.Reconciliation;

/// <summary>A report for programs, for spreadsheets and for people.</summary>
internal static class ReportText
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = false,
    };

    private static readonly string[] Columns = ["check", "kind", "tenantId", "key", "subject", "expected", "found", "repair"];

    public static string ToJson(ReconcileReport report) => JsonSerializer.Serialize(report, Json);

    /// <summary>A row for each listed difference, and one for each check that failed.</summary>
    public static async Task WriteCsvAsync(ReconcileReport report, Stream output, CancellationToken cancellation)
    {
        await using var csv = CsvWriter.Create(output, CsvWriterOptions.Default with { Injection = CsvInjection.Escape }, leaveOpen: true);
        await WriteAsync(csv, Columns, cancellation);
        foreach (var check in report.Checks)
        {
            foreach (var one in check.Differences)
            {
                await WriteAsync(
                    csv, [check.Name, one.Kind, one.TenantId?.ToString(), one.Key, one.Subject, one.Expected, one.Found, one.Repair], cancellation);
            }

            if (check.Fault is { } fault)
            {
                await WriteAsync(csv, [check.Name, "checkFailed", null, check.Name, check.Question, "an answer", fault, "reconcile"], cancellation);
            }
        }
    }

    public static string ToHtml(ReconcileReport report)
    {
        var page = new StringBuilder(
            $$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Reconciliation</title>
            <style>body{font:15px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
            table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
            th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #ddd}
            th{font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:.85em;overflow-wrap:anywhere}
            .ok{color:#186a3b}.bad{color:#b03a2e;font-weight:600}
            @media print{body{margin:0;max-width:none;font-size:10pt}tr{break-inside:avoid} }</style></head>
            <body><h1>Reconciliation</h1>
            <p>{{Day(report.From)}} to {{Day(report.To)}} (not part of it), made at {{Day(report.At)}}
            in {{report.Seconds.ToString("0.0", CultureInfo.InvariantCulture)}} s.
            <span class="{{(report.IsClean ? "ok" : "bad")}}">{{Verdict(report)}}</span></p>
            <table><thead><tr><th>Check</th><th>Question</th><th>Differences</th><th>Dealt with</th><th>Seconds</th></tr></thead><tbody>

            """);
        foreach (var check in report.Checks)
        {
            page.AppendLine(CultureInfo.InvariantCulture,
                $"<tr><td>{Text(check.Name)}</td><td>{Text(Answered(check))}</td>"
                + $"<td class=\"n {(check.Count == 0 && check.Fault is null ? "ok" : "bad")}\">{check.Count}</td><td class=\"n\">{check.Repaired}</td>"
                + $"<td class=\"n\">{check.Seconds:0.00}</td></tr>");
        }

        page.AppendLine("</tbody></table>");
        foreach (var check in report.Checks.Where(static check => check.Count > 0))
        {
            AppendDifferences(page, check);
        }

        return page.Append("</body></html>\n").ToString();
    }

    public static string Verdict(ReconcileReport report) => string.Join(
        ' ',
        [
            report switch
            {
                { IsClean: true } => "All books agree.",
                { FailedChecks: 0 } => $"{report.Differences} differences.",
                _ => $"{report.Differences} differences, and {report.FailedChecks} checks could not be made.",
            },
            .. report.Checks.Where(static check => check.LeftOut is not null)
                .GroupBy(static check => check.LeftOut, static check => check.Name, StringComparer.Ordinal)
                .Select(static checks => $"Not compared: {string.Join(", ", checks)} ({checks.Key})."),
        ]);

    private static string Answered(CheckOutcome check) => check switch
    {
        { Fault: { } fault } => $"Could not be made: {fault}",
        { LeftOut: { } reason } => $"{check.Question} Not compared: {reason}.",
        _ => check.Question,
    };

    private static void AppendDifferences(StringBuilder page, CheckOutcome check)
    {
        page.AppendLine(CultureInfo.InvariantCulture, $"<h2>{Text(check.Name)}: {check.Count}</h2>");
        if (check.Count > check.Differences.Count)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"<p>The first {check.Differences.Count} of them.</p>");
        }

        page.AppendLine("<table><thead><tr><th>Kind</th><th>Subject</th><th>Expected</th><th>Found</th>");
        page.AppendLine("<th>Command that would repair it</th></tr></thead><tbody>");
        foreach (var one in check.Differences)
        {
            page.AppendLine(
                $"<tr><td>{Text(one.Kind)}</td><td><code>{Text(one.TenantId is { } id ? $"tenant {id} {one.Subject}" : one.Subject)}</code></td>"
                + $"<td>{Text(one.Expected)}</td><td>{Text(one.Found)}</td><td><code>{Text(one.Repair)}</code></td></tr>");
        }

        page.AppendLine("</tbody></table>");
    }

    private static async Task WriteAsync(CsvWriter csv, IEnumerable<string?> fields, CancellationToken cancellation)
    {
        foreach (var field in fields)
        {
            csv.WriteField(field);
        }

        await csv.EndRecordAsync(cancellation);
    }

    private static string Day(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>A report as three files beside each other.</summary>
internal static class ReportFiles
{
    private static readonly string[] Kinds = ["json", "csv", "html"];

    /// <summary>The three paths.</summary>
    public static async Task<IReadOnlyList<string>> WriteAsync(string folder, ReconcileReport report, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"reconciliation-{report.From.UtcDateTime:yyyy-MM-dd}-to-{report.To.UtcDateTime:yyyy-MM-dd}");
        string[] paths = [.. Kinds.Select(kind => Path.Combine(folder, $"{name}.{kind}"))];
        await File.WriteAllTextAsync(paths[0], ReportText.ToJson(report) + "\n", cancellation);
        await using (var csv = File.Create(paths[1]))
        {
            await ReportText.WriteCsvAsync(report, csv, cancellation);
        }

        await File.WriteAllTextAsync(paths[2], ReportText.ToHtml(report), cancellation);
        return paths;
    }
}
