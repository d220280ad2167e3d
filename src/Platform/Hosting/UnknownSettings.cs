using System.Text.RegularExpressions;

namespace Platform.Hosting;

/// <summary>
/// Finds names of settings that nobody reads: a section that does not exist, a setting with one underscore where two belong. What other
/// programs put into the environment is theirs: only <c>PLATFORM_</c> variables are looked at, and of these not the links that Kubernetes makes
/// for a service called platform.
/// </summary>
internal static partial class UnknownSettings
{
    private const string Prefix = "PLATFORM_";
    private const int Near = 3;

    private static readonly string[] HostNames =
    [
        "Logging", "AllowedHosts", "Kestrel", "Data", "Roles", "Urls", "Http_Ports", "Https_Ports", "Environment", "ContentRoot",
        "ApplicationName", "ADMIN_KEY",
    ];

    /// <param name="arguments">Of the command line.</param>
    /// <param name="types">The options classes, which name their sections.</param>
    public static IEnumerable<string> Find(IReadOnlyList<string> arguments, IReadOnlyList<Type> types)
    {
        var known = KnownNames(types);
        var file = new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true).Build();
        var variables = new ConfigurationBuilder().AddEnvironmentVariables(Prefix).Build();
        var options = new ConfigurationBuilder().AddCommandLine([.. arguments]).Build();
        return FindIn(file, known, "appsettings.json")
            .Concat(FindIn(options, known, "the command line"))
            .Concat(FindIn(variables, known, source: null));
    }

    internal static IEnumerable<string> FindIn(IConfiguration settings, IReadOnlyList<string> known, string? source)
    {
        foreach (var given in settings.GetChildren())
        {
            if (known.Any(name => name.Split(':')[0].Equals(given.Key, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            var hasParts = given.GetChildren().Any();
            var full = hasParts ? $"{given.Key}:{given.GetChildren().First().Key}" : given.Key;
            var nearest = Nearest(full, known);
            if (source is not null)
            {
                yield return $"{full} in {source} is not a setting{Suggest(nearest, known)}.";
            }
            else if (hasParts || (nearest is not null && !IsServiceLink(given.Key)))
            {
                yield return $"{Prefix}{full.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()} is not a setting{Suggest(nearest, known)}.";
            }
        }
    }

    internal static List<string> KnownNames(IReadOnlyList<Type> types) =>
    [
        .. HostNames,
        .. types.SelectMany(static type => type.GetProperties().Select(property => $"{SettingsCheck.SectionOf(type)}:{property.Name}")),
    ];

    /// <summary>The known name that a misspelled one most likely means; null where none is near.</summary>
    internal static string? Nearest(string given, IEnumerable<string> known)
    {
        var plain = Plain(given);
        var best = known.Select(name => (Name: name, Distance: Distance(plain, Plain(name)))).MinBy(static one => one.Distance);
        return best.Distance <= Math.Min(Near, plain.Length / 3) ? best.Name : null;
    }

    private static string Suggest(string? nearest, IReadOnlyList<string> known) => nearest is null
        ? $". Sections are {string.Join(", ", SectionsOf(known))}"
        : $"; did you mean {nearest} ({Prefix}{nearest.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()})";

    private static IEnumerable<string> SectionsOf(IReadOnlyList<string> known) => known
        .Where(static name => name.Contains(':', StringComparison.Ordinal))
        .Select(static name => name.Split(':')[0])
        .Distinct(StringComparer.Ordinal);

    private static string Plain(string name) =>
        name.Replace(":", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    // PLATFORM_SERVICE_HOST, PLATFORM_API_PORT_80_TCP_ADDR and their like.
    private static bool IsServiceLink(string key) => key.StartsWith("TEST_", StringComparison.Ordinal) || ServiceLink().IsMatch(key);

    // Levenshtein's.
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }

    [GeneratedRegex(
        @"(^|_)(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ServiceLink();
}
