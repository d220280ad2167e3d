using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>
/// Cross-field rule: a field that the schema marks <c>x-requiredUnless</c> must be sent, unless another field has one of the
/// listed values, or has it by default.
/// </summary>
internal sealed class RequiredUnlessRule(SchemaField root)
{
    private readonly (SchemaField Field, Companion Companion, SchemaField Other)[] _pairs =
    [
        .. from field in root.All()
           let companion = field.RequiredUnless
           where companion is not null
           select (field, companion, root.Find(companion.Path)!),
    ];

    /// <summary>Adds an error for every field that is absent and needed, in the schema's order.</summary>
    /// <param name="refused">The paths that already have an error: such a field, and one inside such an object, is not judged again.</param>
    public void Check(JObject task, IReadOnlySet<string> refused, List<TaskError> errors)
    {
        foreach (var (field, companion, other) in _pairs)
        {
            if (field.Sent(task) is null
                && !IsWithin(refused, field.Parent)
                && !refused.Contains(other.Path)
                && !(other.ValueText(task) is { } value && companion.Values.Contains(value, StringComparer.Ordinal)))
            {
                errors.Add(FieldErrors.MissingUnless(field, companion));
            }
        }
    }

    private static bool IsWithin(IReadOnlySet<string> refused, SchemaField? parent) =>
        parent is not null && (refused.Contains(parent.Path) || IsWithin(refused, parent.Parent));
}
