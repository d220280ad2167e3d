using System.Globalization;
using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>
/// Says quickly, and almost without allocating, that a value is certainly valid. A "no" is not a verdict: NJsonSchema then
/// decides and names the errors. That a "yes" never contradicts NJsonSchema is held by a property test.
/// </summary>
internal static class FieldCheck
{
    public static bool Accepts(SchemaField field, JToken token) => field.Type switch
    {
        FieldType.Object => token is JObject value && AcceptsObject(field, value),
        FieldType.String => token.Type == JTokenType.String && AcceptsText(field, (string)((JValue)token).Value!),
        FieldType.Boolean => token.Type == JTokenType.Boolean,
        FieldType.Integer => token is JValue { Value: long value } && AcceptsNumber(field, value),
        _ => token is JValue { Value: long or decimal } value && AcceptsNumber(field, (decimal)value),
    };

    /// <summary>Length in Unicode code points. The text holds no lone surrogate: <see cref="StrictJson"/> refuses those.</summary>
    public static int CodePoints(string text)
    {
        var pairs = 0;
        foreach (var unit in text)
        {
            pairs += char.IsLowSurrogate(unit) ? 1 : 0;
        }

        return text.Length - pairs;
    }

    /// <summary>Whether the length is right; NJsonSchema counts UTF-16 units, JSON Schema and the contract count code points.</summary>
    public static bool HasRightLength(SchemaField field, string text)
    {
        if (field is { Min: null, Max: null })
        {
            return true;
        }

        var length = CodePoints(text);
        return !(length < field.Min) && !(length > field.Max);
    }

    // Walks the members by their links and counts them: every known field present plus none unknown, with no enumerator.
    private static bool AcceptsObject(SchemaField field, JObject value)
    {
        var found = 0;
        foreach (var member in field.Fields)
        {
            if (value[member.Name] is { } token)
            {
                if (!Accepts(member, token))
                {
                    return false;
                }

                found++;
            }
            else if (member.IsRequired)
            {
                return false;
            }
        }

        return found == value.Count;
    }

    private static bool AcceptsText(SchemaField field, string text) =>
        (field.Allowed is null || IsAllowed(field, text))
        && HasRightLength(field, text)
        && (field.Pattern is null || field.Pattern.IsMatch(text))
        && (field.Form is null || field.Form(text));

    private static bool IsAllowed(SchemaField field, string text)
    {
        var comparison = field.IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        foreach (var value in field.Allowed!)
        {
            if (value.Equals(text, comparison))
            {
                return true;
            }
        }

        return field.AllowedPattern?.IsMatch(text) == true;
    }

    private static bool AcceptsNumber(SchemaField field, decimal value) =>
        !(value < field.Min)
        && !(value > field.Max)
        && (field.Step is not { } step || value % step == 0)
        && (field.Allowed is null || field.Allowed.Contains(value.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal));
}
