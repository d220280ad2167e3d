using System.Globalization;
using System.Net;
using System.Text;

namespace Platform.Ledger.Statements;

/// <summary>A statement as a page that prints well: nothing is loaded from anywhere, no line is torn across two sheets.</summary>
internal static class StatementPage
{
    private const string Style =
        """
        @page{size:A4;margin:18mm 16mm}
        body{font:14px/1.45 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
        h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}.sub{color:#555;margin:.2rem 0 1.2rem}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #ddd}
        th{font-weight:600;border-bottom-color:#888}th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .why{overflow-wrap:anywhere}tfoot td{font-weight:600;border-bottom:0}.total{border-top:2px solid #1a1a1a}
        .note{color:#555;font-size:.85em;margin-top:1.5rem}
        @media print{body{margin:0;max-width:none;padding:0;font-size:10pt}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}}
        """;

    public static string Render(Statement statement)
    {
        var page = new StringBuilder();
        var month = statement.Period.From.UtcDateTime.ToString("MMMM yyyy", CultureInfo.InvariantCulture);
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<title>Statement {month}, {Text(statement.TenantName)}</title>\n");
        page.Append("<style>").Append(Style).Append("</style></head>\n<body>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>Statement for {month}</h1>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"sub\">{Text(statement.TenantName)} · {statement.TenantId} · {statement.Billing}");
        page.Append(statement.IsWhole ? "</p>\n" : $" · up to {Day(statement.MadeAt)}, the month is not over</p>\n");
        AppendSummary(page, statement);
        AppendUsage(page, "Usage", statement, "usage");
        AppendUsage(page, "Refunds", statement, "refund");
        AppendBookings(page, statement);
        page.Append(CultureInfo.InvariantCulture,
            $"<p class=\"note\">Amounts in USD; all times UTC. Made {Day(statement.MadeAt)}. Each line is the sum of ledger entries; "
            + $"their rows are in the export of costs.</p></body></html>\n");
        return page.ToString();
    }

    private static void AppendSummary(StringBuilder page, Statement statement)
    {
        page.Append("<table><tbody>");
        Row("Balance at the beginning", statement.Opening);
        Row("Paid in", statement.Sum("credit"));
        Row("Promotional credit", statement.Sum("grant", "expiry"));
        Row("Paid out", statement.Sum("debit"));
        Row("Corrections", statement.Sum("adjustment"));
        Row("Usage", statement.Sum("usage"));
        Row("Refunds of usage", statement.Sum("refund"));
        page.Append(CultureInfo.InvariantCulture,
            $"</tbody><tfoot><tr class=\"total\"><td>Balance at the end</td><td class=\"n\">{Usd(statement.Closing)}</td></tr></tfoot></table>\n");

        void Row(string name, long amount)
        {
            if (amount != 0 || name.StartsWith("Balance", StringComparison.Ordinal) || name == "Usage")
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{name}</td><td class=\"n\">{Usd(amount)}</td></tr>\n");
            }
        }
    }

    private static void AppendUsage(StringBuilder page, string title, Statement statement, string section)
    {
        var lines = statement.Lines.Where(line => line.Section == section).ToList();
        if (lines.Count == 0)
        {
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"<h2>{title}</h2>\n<table><thead><tr><th>Model</th><th>Price</th>");
        page.Append("<th class=\"n\">Results</th><th class=\"n\">Units</th><th class=\"n\">Per million</th><th class=\"n\">Amount</th></tr></thead><tbody>\n");
        foreach (var line in lines)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td class=\"why\">{Text(line.Description)}</td><td>{Text(line.Reference)}</td><td class=\"n\">{line.Results:N0}</td>"
                + $"<td class=\"n\">{line.Units:N0} {Text(line.Unit)}s</td><td class=\"n\">{line.UnitPriceMicroUsd:0.00####}</td>"
                + $"<td class=\"n\">{Usd(line.AmountMicroUsd)}</td></tr>\n");
        }

        page.Append(CultureInfo.InvariantCulture,
            $"</tbody><tfoot><tr><td colspan=\"5\">Together</td><td class=\"n\">{Usd(statement.Sum(section))}</td></tr></tfoot></table>\n");
    }

    private static void AppendBookings(StringBuilder page, Statement statement)
    {
        var lines = statement.Movements.Where(static line => line.Section is not ("usage" or "refund")).ToList();
        if (lines.Count == 0)
        {
            return;
        }

        page.Append("<h2>Payments and other bookings</h2>\n<table><thead><tr><th>Day</th><th>Kind</th><th>For</th><th>Reference</th>");
        page.Append("<th class=\"n\">Amount</th></tr></thead><tbody>\n");
        foreach (var line in lines)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Day(line.At!.Value)}</td><td>{NameOf(line.Section)}</td><td class=\"why\">{Text(line.Description)}</td>"
                + $"<td class=\"why\">{Text(line.Reference)}</td><td class=\"n\">{Usd(line.AmountMicroUsd)}</td></tr>\n");
        }

        page.Append("</tbody></table>\n");
    }

    private static string NameOf(string section) => section switch
    {
        "credit" => "payment",
        "debit" => "payout",
        "grant" => "promotion",
        "expiry" => "promotion expired",
        _ => "correction",
    };

    private static string Usd(long microUsd) => (microUsd / 1_000_000m).ToString("#,##0.00####;−#,##0.00####", CultureInfo.InvariantCulture);

    private static string Day(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");
}
