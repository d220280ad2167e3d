using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>
/// Reads a model's schema text into fields. It knows a closed set of keywords and refuses any other, so that no schema can hold
/// a rule that the catalog would quietly not keep.
/// </summary>
internal sealed class SchemaReader(string file)
{
    private static readonly HashSet<string> s_keywords = new(StringComparer.Ordinal)
    {
        "$schema", "title", "description", "examples", "type", "properties", "required", "additionalProperties", "default", "enum",
        "minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern", "anyOf",
        "x-exampleMicroUsd", "x-expected", "x-form", "x-ignoreCase", "x-onlyWith", "x-placeholders", "x-requiredUnless",
    };

    /// <exception cref="InvalidDataException">The schema is not one that the catalog can keep; the message says where and why.</exception>
    public SchemaField Read(JObject schema)
    {
        var root = ReadField(schema, parent: null, name: "", isRequired: true);
        foreach (var field in root.All())
        {
            CheckCompanion(root, field, field.OnlyWith, "x-onlyWith");
            CheckCompanion(root, field, field.RequiredUnless, "x-requiredUnless");
            if (field.Placeholders is { } needed
                && (field.Type != FieldType.String || root.Find(needed.Path)?.Type != FieldType.Integer || needed.Values.Count == 0))
            {
                throw Broken(field.Path, "x-placeholders must stand at a string and name an integer field and placeholders");
            }
        }

        return root;
    }

    private void CheckCompanion(SchemaField root, SchemaField field, Companion? companion, string keyword)
    {
        if (companion is not null
            && (ValuesOf(root.Find(companion.Path)) is not { } values || companion.Values.Except(values, StringComparer.Ordinal).Any()))
        {
            throw Broken(field.Path, $"{keyword} must name another field and values of its enum, or true or false of a boolean");
        }
    }

    private static IReadOnlyList<string>? ValuesOf(SchemaField? field) =>
        field?.Type == FieldType.Boolean ? ["true", "false"] : field?.Allowed;

    private SchemaField ReadField(JObject schema, SchemaField? parent, string name, bool isRequired)
    {
        var path = parent is null or { Path: "" } ? name : $"{parent.Path}.{name}";
        var unknown = schema.Properties().FirstOrDefault(keyword => !s_keywords.Contains(keyword.Name));
        if (unknown is not null)
        {
            throw Broken(path, $"the catalog does not know the keyword '{unknown.Name}'");
        }

        if (!Enum.TryParse<FieldType>(schema["type"]?.ToString(), ignoreCase: true, out var type))
        {
            throw Broken(path, "type must be object, string, integer, number or boolean");
        }

        SchemaField field;
        try
        {
            field = ReadConstraints(schema, type) with { Path = path, Name = name, Parent = parent, IsRequired = isRequired };
        }
        catch (Exception fault) when (fault is FormatException or InvalidCastException or OverflowException or ArgumentException)
        {
            throw Broken(path, "a keyword has a value of the wrong kind", fault);
        }

        field = field with { Expected = schema.Value<string>("x-expected") ?? Describe(field) };
        return type == FieldType.Object ? ReadFields(schema, field) : WithCheckedDefault(field);
    }

    private static SchemaField ReadConstraints(JObject schema, FieldType type)
    {
        var isText = type == FieldType.String;
        var (named, matching) = ReadEither(schema, isText);
        return new SchemaField
        {
            Path = "",
            Name = "",
            Expected = "",
            Type = type,
            Default = schema["default"] as JValue,
            Allowed = ((named ?? schema)["enum"] as JArray)?.Select(value => value.ToString()).ToArray(),
            AllowedPattern = PatternOf(matching),
            IgnoresCase = schema.Value<bool?>("x-ignoreCase") ?? false,
            Min = schema.Value<decimal?>(isText ? "minLength" : "minimum"),
            Max = schema.Value<decimal?>(isText ? "maxLength" : "maximum"),
            Step = schema.Value<decimal?>("multipleOf"),
            Pattern = PatternOf(schema),
            Form = schema.Value<string>("x-form") is { } form
                ? TextForms.Find(form) ?? throw new FormatException($"There is no form '{form}'.")
                : null,
            OnlyWith = ReadCompanion(schema, "x-onlyWith"),
            RequiredUnless = ReadCompanion(schema, "x-requiredUnless"),
            Placeholders = ReadCompanion(schema, "x-placeholders"),
        };
    }

    // The one use of anyOf: a text that is either one of the listed values or matches a pattern, such as a preset voice or a UUID.
    private static (JObject? Named, JObject? Matching) ReadEither(JObject schema, bool isText) => schema["anyOf"] switch
    {
        null => (null, null),
        JArray { Count: 2 } both when isText && schema["enum"] is null
            && both[0] is JObject { Count: 1 } named && named["enum"] is JArray
            && both[1] is JObject { Count: 1 } matching && matching["pattern"] is not null =>
            (named, matching),
        _ => throw new FormatException("anyOf is a list of an enum and a pattern, at a string."),
    };

    private static Regex? PatternOf(JObject? schema) => schema?.Value<string>("pattern") is { } pattern
        ? new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))
        : null;

    private SchemaField ReadFields(JObject schema, SchemaField field)
    {
        if (schema["additionalProperties"] is not JValue { Value: false })
        {
            throw Broken(field.Path, "additionalProperties must be false");
        }

        if (schema["default"] is not null)
        {
            throw Broken(field.Path, "an object has no default; its fields have");
        }

        var required = schema["required"]?.Select(name => name.ToString()).ToHashSet(StringComparer.Ordinal) ?? [];
        field.Fields = schema["properties"] is JObject properties
            ? [.. properties.Properties().Select(member => ReadMember(member, field, required.Remove(member.Name)))]
            : [];
        return required.Count == 0 ? field : throw Broken(field.Path, $"required names '{required.First()}', which it has not");
    }

    private SchemaField ReadMember(JProperty member, SchemaField parent, bool isRequired) => member.Value is JObject schema
        ? ReadField(schema, parent, member.Name, isRequired)
        : throw Broken(parent.Path, $"the property '{member.Name}' is not an object");

    private SchemaField WithCheckedDefault(SchemaField field) => field.Default is null || FieldCheck.Accepts(field, field.Default)
        ? field
        : throw Broken(field.Path, "the default is not a value that it takes");

    private static Companion? ReadCompanion(JObject schema, string keyword) => schema[keyword] switch
    {
        null => null,
        JObject { Count: 1, First: JProperty { Value: JArray values } only } => new Companion(only.Name, [.. values.Select(Companion.TextOf)]),
        _ => throw new FormatException($"{keyword} names one field and a list."),
    };

    private static string Describe(SchemaField field) => field switch
    {
        { Allowed: [var only] } => $"'{only}'",
        { Allowed: { } values } => $"one of {string.Join(", ", values)}",
        { Type: FieldType.Object } => "an object",
        { Type: FieldType.Boolean } => "true or false",
        { Type: FieldType.String } => $"a string{Range(" of", field, " characters")}",
        { Type: FieldType.Integer } => $"an integer{Range("", field, "")}",
        _ => $"a number{Range("", field, "")}{(field.Step is { } step ? $" in steps of {step}" : "")}",
    };

    private static string Range(string before, SchemaField field, string after) => (field.Min, field.Max) switch
    {
        (null, null) => "",
        ({ } min, null) => string.Create(CultureInfo.InvariantCulture, $"{before} at least {min}{after}"),
        (null, { } max) => string.Create(CultureInfo.InvariantCulture, $"{before} at most {max}{after}"),
        ({ } min, { } max) => string.Create(CultureInfo.InvariantCulture, $"{(before is "" ? " from" : before)} {min} to {max}{after}"),
    };

    private InvalidDataException Broken(string path, string why, Exception? cause = null) =>
        new($"{file}: {(path.Length == 0 ? "the root" : $"'{path}'")}: {why}.", cause);
}
