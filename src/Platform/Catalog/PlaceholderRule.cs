using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>
/// Cross-field rule: a text that the schema marks <c>x-placeholders</c> must hold one of the listed placeholders when the number
/// that it names is over 1; otherwise all results would go to one place and only the last would be left.
/// </summary>
internal sealed class PlaceholderRule(SchemaField root)
{
    private readonly (SchemaField Field, Companion Needed, SchemaField Count)[] _pairs =
    [
        .. from field in root.All()
           let needed = field.Placeholders
           where needed is not null
           select (field, needed, root.Find(needed.Path)!),
    ];

    /// <summary>Adds an error for every text without a placeholder that it needs, in the schema's order.</summary>
    /// <param name="refused">The paths that already have an error: such a field is not judged again, nor against such a number.</param>
    public void Check(JObject task, IReadOnlySet<string> refused, List<TaskError> errors)
    {
        foreach (var (field, needed, count) in _pairs)
        {
            if (field.Sent(task) is JValue { Value: string text }
                && !refused.Contains(field.Path)
                && !refused.Contains(count.Path)
                && count.Value(task) is JValue { Value: long and > 1 }
                && !needed.Values.Any(placeholder => text.Contains(placeholder, StringComparison.Ordinal)))
            {
                errors.Add(FieldErrors.Incompatible(field, needed));
            }
        }
    }
}
