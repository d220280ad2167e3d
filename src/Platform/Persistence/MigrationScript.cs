using System.Security.Cryptography;
using System.Text;

namespace Platform.Persistence;

/// <summary>One numbered step of the database's shape. It never changes after it has landed; a correction is a new step.</summary>
internal sealed record MigrationScript(int Version, string Name, string Sql)
{
    private const string Folder = "migrations/";

    /// <summary>Over the text with LF line ends, so that a checkout on another system is the same script.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The scripts inside this program, in order.</summary>
    public static IReadOnlyList<MigrationScript> Embedded()
    {
        var assembly = typeof(MigrationScript).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return Parse(Path.GetFileNameWithoutExtension(name), reader.ReadToEnd());
            })
            .OrderBy(script => script.Version)];
    }

    /// <param name="fileName">Such as <c>001_spine</c>.</param>
    public static MigrationScript Parse(string fileName, string sql)
    {
        var parts = fileName.Split('_', 2);
        return parts.Length == 2 && parts[0].Length == 3 && int.TryParse(parts[0], out var version) && version > 0
            ? new MigrationScript(version, parts[1], sql)
            : throw new ArgumentException($"A migration is named like 001_what_it_does, not {fileName}.", nameof(fileName));
    }
}
