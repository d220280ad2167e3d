namespace Platform.Catalog;

/// <summary>Makes the errors about one field. The words come from the schema, never from what the customer sent.</summary>
internal static class FieldErrors
{
    private const int LongestName = 100;

    public static TaskError Missing(SchemaField field) =>
        Describe(field, ErrorCodes.Missing(field.Path), $"'{field.Path}' is required and must be {field.Expected}.");

    public static TaskError Invalid(SchemaField field) =>
        Describe(field, ErrorCodes.Invalid(field.Path), $"'{field.Path}' must be {field.Expected}.");

    /// <summary>The parameter is absent, and the other one has no value that would excuse it.</summary>
    public static TaskError MissingUnless(SchemaField field, Companion companion) =>
        Describe(
            field,
            ErrorCodes.Missing(field.Path),
            $"'{field.Path}' is required unless '{companion.Path}' is {string.Join(" or ", companion.Values)}.");

    /// <summary>The number is over 1, and the parameter does not tell the results apart.</summary>
    public static TaskError Incompatible(SchemaField field, Companion needed) =>
        new(
            ErrorCodes.IncompatibleParameters,
            $"'{field.Path}' must contain {string.Join(" or ", needed.Values)} when '{needed.Path}' is over 1.")
        {
            Parameter = field.Path,
            Type = Type(field),
        };

    /// <summary>The parameter goes only with some values of another one, and that one has a different value.</summary>
    public static TaskError Unsupported(SchemaField field, Companion companion) =>
        new(
            ErrorCodes.UnsupportedParameter,
            $"'{field.Path}' goes only with '{companion.Path}' {string.Join(" or ", companion.Values)}.")
        {
            Parameter = field.Path,
            Type = Type(field),
        };

    /// <summary>A name that the schema does not have. It shows in <c>parameter</c>, shortened where it is very long.</summary>
    public static TaskError Unknown(SchemaField parent, string name)
    {
        var end = Math.Min(name.Length, LongestName);
        if (end < name.Length && char.IsHighSurrogate(name[end - 1]))
        {
            end--;
        }

        var where = parent.Path.Length == 0 ? "The model" : $"'{parent.Path}'";
        return new(ErrorCodes.UnknownParameter, $"{where} has no parameter of this name; names are case-sensitive.")
        {
            Parameter = parent.Path.Length == 0 ? name[..end] : $"{parent.Path}.{name[..end]}",
        };
    }

    private static TaskError Describe(SchemaField field, string code, string message) => new(code, message)
    {
        Parameter = field.Path,
        Type = Type(field),
        AllowedValues = field.Allowed,
        Min = field.Min,
        Max = field.Max,
    };

    private static string Type(SchemaField field) => field.Type switch
    {
        FieldType.Object => "object",
        FieldType.String => "string",
        FieldType.Integer => "integer",
        FieldType.Number => "number",
        _ => "boolean",
    };
}
