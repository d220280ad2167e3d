using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Platform.Catalog;

/// <summary>
/// The fields of the task types that name no model, from <c>schemas/tasks/TYPE.json</c>: the same keywords, the same errors in the same
/// order as a model's. Safe for many threads.
/// </summary>
internal sealed class TaskForms
{
    private const string Folder = "schemas/tasks/";
    private readonly Dictionary<string, TaskForm> _forms;

    private TaskForms(Dictionary<string, TaskForm> forms) => _forms = forms;

    /// <summary>The task types that have a form.</summary>
    public IEnumerable<string> TaskTypes => _forms.Keys;

    /// <exception cref="InvalidDataException">A file is broken; the message says which, where and why.</exception>
    public static TaskForms Load(SchemaFiles files) => new(files.Under(Folder).ToDictionary(
        static path => path[Folder.Length..^".json".Length], path => TaskForm.Load(files, path), StringComparer.Ordinal));

    /// <exception cref="KeyNotFoundException">The type has no file.</exception>
    public TaskForm Of(string taskType) => _forms[taskType];
}

/// <summary>The fields of one task type.</summary>
internal sealed class TaskForm
{
    private readonly SchemaField _root;
    private readonly SchemaWalk _walk;

    private TaskForm(SchemaField root, SchemaWalk walk)
    {
        _root = root;
        _walk = walk;
    }

    public static TaskForm Load(SchemaFiles files, string path)
    {
        var root = new SchemaReader(path).Read(files.Object(path));

        // Completes at once: SchemaReader has refused the keyword that would make it fetch something.
        return new TaskForm(root, new SchemaWalk(JsonSchema.FromJsonAsync(files.Text(path)).GetAwaiter().GetResult(), root));
    }

    /// <summary>All errors of a task, one a field, at most <see cref="Model.MaxErrors"/>; none when it is right.</summary>
    public IReadOnlyList<TaskError> Check(JObject task) => FieldCheck.Accepts(_root, task)
        ? []
        : [.. _walk.Errors(task)
            .Select(error => (Error: error, Field: _walk.FieldOf(error)))
            .DistinctBy(found => (object?)found.Field ?? found.Error)
            .Take(Model.MaxErrors)
            .Select(found => Word(found.Error, found.Field))];

    /// <summary>The value of a field of a right task, or its default, or null when it has neither.</summary>
    public T? Value<T>(JObject task, string path)
    {
        var value = _root.Find(path) is { } field ? field.Value(task) : throw new ArgumentException($"There is no field {path}.", nameof(path));
        return value is null ? default : value.Value<T>();
    }

    private TaskError Word(ValidationError error, SchemaField? field) => field is null
        ? FieldErrors.Unknown(_walk.ParentOf(error), error.Property) with
        {
            Message = "This type of task has no parameter of this name; names are case-sensitive.",
        }
        : error.Kind == ValidationErrorKind.PropertyRequired ? FieldErrors.Missing(field) : FieldErrors.Invalid(field);
}
