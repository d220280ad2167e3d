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
}
