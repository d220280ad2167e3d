using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.Tests.Layout;

/// <summary>
/// Holds <c>appsettings.json</c> and the defaults of the options classes together: the file shows every setting with the value that holds
/// without it.
/// </summary>
internal static class OptionsRules
{
    private const string File = "src/Platform.Server/appsettings.json";

    /// <summary>Sections that belong to the host, not to a slice.</summary>
    private static readonly HashSet<string> HostSections = new(StringComparer.Ordinal) { "Logging", "AllowedHosts", "Kestrel" };

    /// <summary>Classes that name the section they are bound from; an options class without one is made by code alone.</summary>
    public static IReadOnlyList<Type> FindOptions(IEnumerable<Type> types) =>
        [.. types.Where(type => type is { IsClass: true, IsAbstract: false } && type.Name.EndsWith("Options", StringComparison.Ordinal)
            && SectionOf(type) is not null)];

    public static IEnumerable<Finding> Check(IReadOnlyList<Type> options, JsonObject settings)
    {
        foreach (var type in options)
        {
            var path = SectionOf(type)!;
            var found = path.Split(':').Aggregate((JsonNode?)settings, (node, part) => (node as JsonObject)?[part]);
            if (found is not JsonObject section)
            {
                yield return new Finding(File, 0, $"the section {path} of {type.Name} is missing", "every options class has its section");
                continue;
            }

            foreach (var finding in Compare(type, Activator.CreateInstance(type, nonPublic: true)!, section, path))
            {
                yield return finding;
            }
        }

        var known = options.Select(type => SectionOf(type)!.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, _) in settings.Where(entry => !known.Contains(entry.Key) && !HostSections.Contains(entry.Key)))
        {
            yield return new Finding(File, 0, $"no options class is bound to {name}", "sections that something reads");
        }
    }

    private static IEnumerable<Finding> Compare(Type type, object defaults, JsonObject section, string path)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanRead && (property.SetMethod is { IsPublic: true } || IsCollection(property.PropertyType)))
            .ToDictionary(property => property.Name, StringComparer.Ordinal);
        foreach (var (name, property) in properties)
        {
            var expected = ToNode(property.GetValue(defaults));
            if (!section.ContainsKey(name))
            {
                yield return new Finding(File, 0, $"{path}:{name} is missing",
                    $"{expected?.ToJsonString() ?? "null"}, the default of {type.Name}");
            }
            else if (!JsonNode.DeepEquals(Normalise(section[name]), Normalise(expected)))
            {
                yield return new Finding(
                    File, 0, $"{path}:{name} is {section[name]?.ToJsonString() ?? "null"}",
                    $"{expected?.ToJsonString() ?? "null"}, the default of {type.Name}");
            }
        }

        foreach (var (name, value) in section.Where(entry => !properties.ContainsKey(entry.Key) && entry.Value is not JsonObject))
        {
            yield return new Finding(File, 0, $"{path}:{name} is {value?.ToJsonString() ?? "null"}, which nobody reads",
                $"the properties of {type.Name}");
        }
    }

    private static string? SectionOf(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static) is { IsLiteral: true } field
            ? field.GetRawConstantValue() as string
            : null;

    private static bool IsCollection(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type);

    /// <summary>The value as the configuration binder reads it back.</summary>
    private static JsonNode? ToNode(object? value) => value switch
    {
        null => null,
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        Enum name => name.ToString(),
        Uri address => address.OriginalString,
        _ => JsonSerializer.SerializeToNode(value, value.GetType()),
    };

    /// <summary>1 and 1.0 are the same number.</summary>
    private static JsonNode? Normalise(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number
            ? JsonValue.Create(decimal.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture) / 1.000m)
            : node;
}
