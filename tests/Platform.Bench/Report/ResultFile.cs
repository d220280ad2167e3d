using System.Globalization;
using System.Text.Json;

namespace Platform.Bench.Report;

/// <summary>The figures as JSON, so that runs can be compared.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes <c>bench-results/&lt;timestamp&gt;.json</c> beside the solution and gives its path.</summary>
    public static async Task<string> WriteAsync(Figures figures, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(RepositoryRoot.Find(), "bench-results")).FullName;
        var path = Path.Combine(folder, figures.At.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture) + ".json");
        await File.WriteAllTextAsync(path, Render(figures), cancellation);
        return path;
    }

    public static string Render(Figures figures) => JsonSerializer.Serialize(new { Figures = figures, Bars = Bar.Judge(figures) }, Format);
}
