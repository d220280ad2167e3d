using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>The JSON types that the schemas of models use.</summary>
internal enum FieldType
{
    Object,
    String,
    Integer,
    Number,
    Boolean,
}

/// <summary>
/// One field of a model's schema, read once at start: what it takes, its default, and where it is in a task. The root is the
/// field of the whole task and has an empty path.
/// </summary>
internal sealed record SchemaField
{
    /// <summary>Dotted, as the contract's <c>parameter</c>.</summary>
    public required string Path { get; init; }

    public required string Name { get; init; }

    public required FieldType Type { get; init; }

    /// <summary>The object that holds this field; null for the root.</summary>
    public SchemaField? Parent { get; init; }

    public bool IsRequired { get; init; }

    public JValue? Default { get; init; }

    /// <summary>The values of <c>enum</c>, as text.</summary>
    public IReadOnlyList<string>? Allowed { get; init; }

    /// <summary>What is allowed beside the values of <see cref="Allowed"/>.</summary>
    public Regex? AllowedPattern { get; init; }

    /// <summary>Whether <see cref="Allowed"/> is compared without regard to case (<c>x-ignoreCase</c>).</summary>
    public bool IgnoresCase { get; init; }

    /// <summary>Smallest value, or for a string the smallest length in code points.</summary>
    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public decimal? Step { get; init; }

    public Regex? Pattern { get; init; }

    /// <summary>The test of the form that a text must have (<c>x-form</c>).</summary>
    public Func<string, bool>? Form { get; init; }

    /// <summary>What the field takes, in words that end the sentence "must be …".</summary>
    public required string Expected { get; init; }

    /// <summary>The field that this one depends on and the values of it that allow this one (<c>x-onlyWith</c>).</summary>
    public Companion? OnlyWith { get; init; }

    /// <summary>The field whose listed values make this one optional (<c>x-requiredUnless</c>).</summary>
    public Companion? RequiredUnless { get; init; }

    /// <summary>The number and the placeholders of which this text needs one when it is over 1 (<c>x-placeholders</c>).</summary>
    public Companion? Placeholders { get; init; }

    /// <summary>The fields of an object, in the order declared.</summary>
    public IReadOnlyList<SchemaField> Fields { get; set; } = [];

    /// <summary>This field and all below it, in the order declared, parents first.</summary>
    public IEnumerable<SchemaField> All() => [this, .. Fields.SelectMany(field => field.All())];

    /// <summary>The field of a path, or null when the model has none such.</summary>
    public SchemaField? Find(string path) => All().FirstOrDefault(field => string.Equals(field.Path, path, StringComparison.Ordinal));

    /// <summary>The member of this object that has the name, or null.</summary>
    public SchemaField? Field(string name) => Fields.FirstOrDefault(field => string.Equals(field.Name, name, StringComparison.Ordinal));

    /// <summary>The value as sent; null when it was not.</summary>
    public JToken? Sent(JObject task) => Parent is null ? task : (Parent.Sent(task) as JObject)?[Name];

    /// <summary>The value as sent, else the default.</summary>
    public JToken? Value(JObject task) => Sent(task) ?? Default;

    /// <summary>The value as sent, else the default, as a companion's values are written; null when there is neither.</summary>
    public string? ValueText(JObject task) => Value(task) switch
    {
        JValue { Value: string text } => Canonical(text),
        JValue value => Companion.TextOf(value),
        _ => null,
    };

    // Parent and Fields refer to each other: the record's own equality and text would not end.
    public bool Equals(SchemaField? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    public override string ToString() => Path;

    /// <summary>The allowed value that a text stands for: itself, unless case is ignored.</summary>
    public string Canonical(string text) => IgnoresCase
        ? Allowed!.FirstOrDefault(value => value.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? text
        : text;
}

/// <summary>A field and those of its values that another field needs.</summary>
internal sealed record Companion(string Path, IReadOnlyList<string> Values)
{
    /// <summary>A plain JSON value as text: <c>true</c>, not .NET's <c>True</c>.</summary>
    public static string TextOf(JToken value) => value is JValue { Value: bool flag } ? (flag ? "true" : "false") : value.ToString();
}
