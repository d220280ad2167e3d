using System.Text.RegularExpressions;

namespace Platform.Tests.Layout;

/// <summary>
/// A migration runs while the release before it still works on the database, so it may add and must not take away. What takes away belongs into
/// the release after the one that stopped using it, and says so in a comment: <c>-- contract: why nothing uses it any more</c>.
/// </summary>
internal static partial class MigrationRules
{
    /// <summary>The ones before it were made before the rule.</summary>
    public const int First = 8;

    public static IEnumerable<Finding> Check(IEnumerable<(string Path, string Sql)> migrations)
    {
        foreach (var (path, sql) in migrations)
        {
            if (int.Parse(Path.GetFileName(path)[..3], System.Globalization.CultureInfo.InvariantCulture) < First || Reason().IsMatch(sql))
            {
                continue;
            }

            foreach (var (line, text) in Comment().Replace(sql, "").Split('\n').Index())
            {
                if (Destructive().Match(text) is { Success: true } match)
                {
                    yield return new Finding(
                        path, line + 1, $"it says '{match.Value.Trim()}', which the release before it may not survive",
                        "expand now, contract a release later with a line '-- contract: reason'");
                }
            }
        }
    }

    [GeneratedRegex(@"^--\s*contract:\s*\S.{9,}$", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Reason();

    [GeneratedRegex(@"--[^\n]*", RegexOptions.NonBacktracking)]
    private static partial Regex Comment();

    [GeneratedRegex(
        @"\bdrop\s+(table|column|view|schema|type|function|trigger|constraint|default)\b|\brename\s+(to|column|constraint)?\b|(?<!\bor\s)\btruncate\b"
        + @"|\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b|\bset\s+not\s+null\b|\badd\s+column\s+[^,;]*\bnot\s+null\b(?![^,;]*\bdefault\b)"
        + @"|\bdelete\s+from\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Destructive();
}
