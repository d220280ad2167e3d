using System.Net;

namespace Platform.Api.Admin;

/// <summary>The page that the <c>type</c> of a problem leads to.</summary>
internal static class ProblemPage
{
    public static string Render() => $$"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Problems</title>
        <style>body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.5rem;border-bottom:1px solid #ddd}
        tr:target{background:#fff3c4}</style></head>
        <body><h1>Problems</h1>
        <p>What the operator surface answers when it refuses something, as problem details (RFC 9457).</p>
        <table><thead><tr><th>Type</th><th>HTTP</th><th>Meaning</th><th>What to do</th></tr></thead><tbody>
        {{string.Join('\n', Problem.All.Select(Row))}}</tbody></table></body></html>
        """;

    private static string Row(ProblemKind kind) =>
        $"<tr id=\"{kind.Name}\"><td><code>{kind.Name}</code></td><td>{kind.Status}</td>"
        + $"<td>{WebUtility.HtmlEncode(kind.Title)}</td><td>{WebUtility.HtmlEncode(kind.Remedy)}</td></tr>";
}
