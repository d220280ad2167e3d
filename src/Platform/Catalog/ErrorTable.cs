using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>The rows of <c>schemas/errors.json</c>: what a code means, what to do, and its HTTP status.</summary>
internal sealed class ErrorTable
{
    private const string Path = "schemas/errors.json";

    private readonly Dictionary<string, ErrorRow> _exact;
    private readonly ErrorRow[] _patterns;

    private ErrorTable(IReadOnlyList<ErrorRow> rows)
    {
        Rows = rows;
        _exact = rows.Where(row => !row.IsPattern).ToDictionary(row => row.Code, StringComparer.Ordinal);
        _patterns = [.. rows.Where(row => row.IsPattern)];
    }

    public IReadOnlyList<ErrorRow> Rows { get; }

    /// <exception cref="InvalidDataException">The file is broken; the message says where.</exception>
    public static ErrorTable Load(SchemaFiles files)
    {
        var rows = files.Objects(Path).Select(Read).ToList();
        var twice = rows.CountBy(row => row.Code, StringComparer.Ordinal).FirstOrDefault(pair => pair.Value > 1).Key;
        return twice is null ? new ErrorTable(rows) : throw new InvalidDataException($"{Path} lists '{twice}' twice.");
    }

    /// <summary>The row of a code: its own, else the first pattern that it begins with, so that <c>missingApiKey</c> stays 401.</summary>
    /// <exception cref="ArgumentException">The code is not of the closed list: a bug in the caller.</exception>
    public ErrorRow Find(string code) =>
        _exact.TryGetValue(code, out var row)
            ? row
            : Array.Find(_patterns, pattern => pattern.Matches(code))
                ?? throw new ArgumentException($"'{code}' is not a code of {Path}.", nameof(code));

    public int StatusOf(string code) => Find(code).Status;

    private static ErrorRow Read(JObject row)
    {
        var code = row.Value<string>("code");
        return row["status"] is JValue { Value: long and >= 400 and <= 599 and var status }
            && !string.IsNullOrEmpty(code)
            && !string.IsNullOrEmpty(row.Value<string>("meaning"))
            && !string.IsNullOrEmpty(row.Value<string>("remedy"))
            ? new ErrorRow(code, (int)status, row.Value<string>("meaning")!, row.Value<string>("remedy")!)
            : throw new InvalidDataException($"{Path}: the row '{code}' needs a code, a status of 400 to 599, a meaning and a remedy.");
    }
}

/// <summary>One row; a code that ends in <c>*</c> stands for every code that begins so.</summary>
internal sealed record ErrorRow(string Code, int Status, string Meaning, string Remedy)
{
    public bool IsPattern => Code.EndsWith('*');

    public bool Matches(string code) =>
        code.Length >= Code.Length && code.AsSpan().StartsWith(Code.AsSpan(0, Code.Length - 1), StringComparison.Ordinal);
}
