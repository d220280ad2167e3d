using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Platform.Engines;

namespace Platform.Hosting;

/// <summary>
/// Looks over every setting before anything starts: an unknown name, a null, a value of the wrong kind or outside its range. All of it is told
/// in one list, because an operator who corrects one line at a time starts the program once for each.
/// </summary>
internal static class SettingsCheck
{
    /// <exception cref="StartupException">Something is wrong; the message lists all of it.</exception>
    public static void Run(IConfiguration settings, IReadOnlyList<string> arguments)
    {
        var faults = FindAll(settings, arguments);
        if (faults.Count > 0)
        {
            throw new StartupException(
                $"{(faults.Count == 1 ? "a setting is" : $"{faults.Count} settings are")} wrong:\n  "
                + string.Join("\n  ", faults)
                + "\nEvery setting stands with its default and meaning in appsettings.json; PLATFORM_SECTION__NAME in the environment "
                + "and --Section:Name on the command line override it.");
        }
    }

    /// <summary>All that is wrong, unknown names included.</summary>
    public static IReadOnlyList<string> FindAll(IConfiguration settings, IReadOnlyList<string> arguments)
    {
        var faults = UnknownSettings.Find(arguments, OptionsTypes()).Concat(FindFaults(settings, OptionsTypes())).ToList();
        // What belongs together in several settings is looked at once each of them can be read.
        faults.AddRange(EngineSetup.FindFaults(settings, CanBeRead));
        return faults;

        bool CanBeRead(string section) => !faults.Exists(fault => fault.StartsWith(section + ":", StringComparison.Ordinal));
    }

    /// <summary>Every options class of the platform: it names the section that it is bound from.</summary>
    public static IReadOnlyList<Type> OptionsTypes() =>
        [.. typeof(SettingsCheck).Assembly.GetTypes().Where(static type => SectionOf(type) is not null).OrderBy(SectionOf, StringComparer.Ordinal)];

    public static IEnumerable<string> FindFaults(IConfiguration settings, IEnumerable<Type> types)
    {
        var all = types.ToList();
        foreach (var type in all)
        {
            var path = SectionOf(type)!;
            var inner = all.Select(static other => SectionOf(other)!).Where(other => other.StartsWith(path + ":", StringComparison.Ordinal)).ToList();
            foreach (var fault in FindFaults(type, path, settings.GetSection(path).GetChildren().Where(given => !IsSection(inner, given.Path))))
            {
                yield return fault;
            }
        }
    }

    private static string Suggest(string given, IEnumerable<string> known) =>
        UnknownSettings.Nearest(given, known) is { } nearest ? $"; did you mean {nearest}" : "";

    private static IEnumerable<string> FindFaults(Type type, string path, IEnumerable<IConfigurationSection> children)
    {
        var properties = type.GetProperties().ToDictionary(static property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var given in children)
        {
            var fault = properties.TryGetValue(given.Key, out var property)
                ? FindFault(property, given)
                : $"is not a setting{Suggest(given.Path, properties.Values.Select(one => $"{path}:{one.Name}"))}. "
                    + $"Known in {path}: {string.Join(", ", properties.Values.Select(static one => one.Name))}";
            if (fault is not null)
            {
                yield return $"{path}:{property?.Name ?? given.Key} {fault}.";
            }

            foreach (var inside in property is null ? [] : FindFaultsOfEntries(property, given))
            {
                yield return inside;
            }
        }
    }

    /// <summary>A dictionary of settings that belong together, each entry with the properties of its class.</summary>
    private static IEnumerable<string> FindFaultsOfEntries(PropertyInfo property, IConfigurationSection given) =>
        property.PropertyType.GetGenericArguments() is [_, { IsClass: true } entry] && entry != typeof(string)
            ? given.GetChildren().SelectMany(one => FindFaults(entry, one.Path, one.GetChildren()))
            : [];

    private static bool IsSection(List<string> sections, string path) =>
        sections.Exists(one => one.Equals(path, StringComparison.OrdinalIgnoreCase) || one.StartsWith(path + ":", StringComparison.OrdinalIgnoreCase));

    private static string? FindFault(PropertyInfo property, IConfigurationSection given)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(type))
        {
            return FindFaultOfCollection(type, given);
        }

        if (given.GetChildren().Any())
        {
            return $"must be {Describe(type)}, not several values";
        }

        if (given.Value is not { } text)
        {
            return $"is null: leave it out for its default, or give it {Describe(type)}";
        }

        if (!TryConvert(type, text, out var value))
        {
            return $"must be {Describe(type)}";
        }

        return property.GetCustomAttributes<ValidationAttribute>()
            .FirstOrDefault(rule => !rule.IsValid(value)) is { } broken ? Describe(broken) : null;
    }

    private static string? FindFaultOfCollection(Type type, IConfigurationSection given)
    {
        var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments() is [.., var last] ? last : typeof(string);
        if (!given.GetChildren().Any() && !string.IsNullOrEmpty(given.Value))
        {
            return "must be a list, such as --Section:Name:0 value";
        }

        var plain = element == typeof(string) || TypeDescriptor.GetConverter(element).CanConvertFrom(typeof(string));
        return plain && given.GetChildren().FirstOrDefault(one => one.Value is null || !TryConvert(element, one.Value, out _)) is { } wrong
            ? $"has at {wrong.Key} no {Describe(element)[2..]}"
            : null;
    }

    // As the binder converts; it only tells of the first failure, and with a stack.
    private static bool TryConvert(Type type, string text, out object? value)
    {
        value = text;
        if (type == typeof(string))
        {
            return true;
        }

        try
        {
            value = TypeDescriptor.GetConverter(type).ConvertFromString(null, CultureInfo.InvariantCulture, text);
            return value is not double number || double.IsFinite(number);
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Describe(Type type) => type switch
    {
        _ when type == typeof(string) => "a text",
        _ when type == typeof(bool) => "a truth: true or false",
        _ when type == typeof(int) || type == typeof(long) || type == typeof(short) => "a whole number",
        _ when type == typeof(double) || type == typeof(decimal) || type == typeof(float) => "a number",
        _ when type.IsEnum => $"a word out of {string.Join(", ", Enum.GetNames(type))}",
        _ => $"a {type.Name}",
    };

    private static string Describe(ValidationAttribute rule) => rule switch
    {
        { ErrorMessage: { } message } => message,
        RangeAttribute range => $"must be from {range.Minimum} to {range.Maximum}",
        _ => rule.FormatErrorMessage("it"),
    };

    internal static string? SectionOf(Type type) =>
        type is { IsClass: true } && type.Name.EndsWith("Options", StringComparison.Ordinal)
        && type.GetField("Section", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static) is { IsLiteral: true } field
            ? field.GetRawConstantValue() as string
            : null;
}
