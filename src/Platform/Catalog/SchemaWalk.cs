using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Platform.Catalog;

/// <summary>
/// NJsonSchema's validation with what the contract asks beyond it: lengths in code points, enums that ignore case, forms of text, and one
/// error instead of several where an object or a plain value stands in the other's place.
/// </summary>
internal sealed class SchemaWalk : JsonSchemaValidator
{
    private readonly JsonSchema _schema;
    private readonly Dictionary<JsonSchema, SchemaField> _fields = new(ReferenceEqualityComparer.Instance);

    public SchemaWalk(JsonSchema schema, SchemaField root)
        : base(new JsonSchemaValidatorSettings())
    {
        _schema = schema;
        Map(schema, root);
    }

    /// <summary>The errors in the schema's order; of an object first those of its known fields, then its unknown ones as sent.</summary>
    public ICollection<ValidationError> Errors(JObject task) => Validate(task, _schema);

    /// <summary>The field that an error is about, or null when it is about a field that the schema has not.</summary>
    public SchemaField? FieldOf(ValidationError error) => error.Kind switch
    {
        ValidationErrorKind.NoAdditionalPropertiesAllowed => null,
        ValidationErrorKind.PropertyRequired => _fields[error.Schema].Field(error.Property),
        _ => _fields[error.Schema],
    };

    /// <summary>The object that an unknown field was found in.</summary>
    public SchemaField ParentOf(ValidationError error) => _fields[error.Schema];

    protected override ICollection<ValidationError> Validate(
        JToken token, JsonSchema schema, SchemaType schemaType, string propertyName, string propertyPath)
    {
        if (!_fields.TryGetValue(schema, out var field))
        {
            // One of the two alternatives of a text (anyOf): whether it holds is all that is asked, and its field words the error.
            return base.Validate(token, schema, schemaType, propertyName, propertyPath);
        }

        var isObject = field.Type == FieldType.Object;

        // Asked about a container where a plain value belongs, the base class would write it out as text once for every enum value.
        if (isObject != token is JObject || token is JArray)
        {
            var kind = isObject ? ValidationErrorKind.ObjectExpected : ValidationErrorKind.StringExpected;
            return [new ValidationError(kind, propertyName, propertyPath, token, schema)];
        }

        if (token.Type != JTokenType.String)
        {
            return base.Validate(token, schema, schemaType, propertyName, propertyPath);
        }

        var text = (string)((JValue)token).Value!;
        var canonical = field.Canonical(text);
        var judged = ReferenceEquals(canonical, text) ? token : new JValue(canonical);
        var errors = base.Validate(judged, schema, schemaType, propertyName, propertyPath)
            .Where(error => error.Kind is not (ValidationErrorKind.StringTooLong or ValidationErrorKind.StringTooShort))
            .ToList();
        if (field.Type == FieldType.String
            && (!FieldCheck.HasRightLength(field, text) || (errors.Count == 0 && field.Form?.Invoke(text) == false)))
        {
            errors.Add(new ValidationError(ValidationErrorKind.StringTooLong, propertyName, propertyPath, token, schema));
        }

        return errors;
    }

    private void Map(JsonSchema schema, SchemaField field)
    {
        _fields.Add(schema.ActualSchema, field);
        foreach (var child in field.Fields)
        {
            Map(schema.Properties[child.Name], child);
        }
    }
}
