using System.Text;

namespace Platform.Server;

/// <summary>Rows for people: columns as wide as their widest cell, two spaces apart.</summary>
internal static class TextTable
{
    public static string Render(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string?>> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return "none";
        }

        var widths = heads.Select((head, i) => Math.Max(head.Length, all.Max(row => (row[i] ?? "").Length))).ToArray();
        var text = new StringBuilder();
        foreach (var row in all.Prepend(heads))
        {
            text.AppendLine(string.Join("  ", row.Select((cell, i) => (cell ?? "").PadRight(widths[i]))).TrimEnd());
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>A span of time, as coarse as it is long.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 2 } => $"{age.TotalSeconds:0} s",
        { TotalHours: < 2 } => $"{age.TotalMinutes:0} min",
        { TotalDays: < 2 } => $"{age.TotalHours:0} h",
        _ => $"{age.TotalDays:0} d",
    };
}
