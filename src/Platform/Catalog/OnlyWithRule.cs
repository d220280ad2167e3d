using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>
/// Cross-field rule: a field that the schema marks <c>x-onlyWith</c> may be sent only when another field has one of the listed
/// values, or has it by default.
/// </summary>
internal sealed class OnlyWithRule(SchemaField root)
{
    private readonly (SchemaField Field, Companion Companion, SchemaField Other)[] _pairs =
    [
        .. from field in root.All()
           let companion = field.OnlyWith
           where companion is not null
           select (field, companion, root.Find(companion.Path)!),
    ];

    /// <summary>Adds an error for every field sent in the wrong company, in the schema's order.</summary>
    /// <param name="refused">The paths that already have an error: such a field is not judged again, nor against such another.</param>
    public void Check(JObject task, IReadOnlySet<string> refused, List<TaskError> errors)
    {
        foreach (var (field, companion, other) in _pairs)
        {
            if (field.Sent(task) is not null
                && !refused.Contains(field.Path)
                && !refused.Contains(other.Path)
                && !(other.ValueText(task) is { } value && companion.Values.Contains(value, StringComparer.Ordinal)))
            {
                errors.Add(FieldErrors.Unsupported(field, companion));
            }
        }
    }
}
