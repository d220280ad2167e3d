using System.Net;
using System.Text;
using Platform.Catalog;

namespace Platform.Api;

/// <summary>The page that the <c>documentation</c> link of an error leads to.</summary>
internal static class ErrorPage
{
    public const string Path = "/docs/errors";

    public static string Render(ErrorTable table)
    {
        var rows = new StringBuilder();
        foreach (var row in table.Rows)
        {
            rows.Append(
                $"<tr id=\"{Html(row.Code)}\"><td><code>{Html(row.Code)}</code></td><td>{row.Status}</td>"
                + $"<td>{Html(row.Meaning)}</td><td>{Html(row.Remedy)}</td></tr>\n");
        }

        return $$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Errors</title>
            <style>body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
            table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.5rem;border-bottom:1px solid #ddd}
            tr:target{background:#fff3c4}</style></head>
            <body><h1>Errors</h1>
            <p>Every error names its code, what was expected, and where a field is at fault its path in <code>parameter</code>.</p>
            <table><thead><tr><th>Code</th><th>HTTP</th><th>Meaning</th><th>What to do</th></tr></thead><tbody>
            {{rows}}</tbody></table></body></html>
            """;
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
