using System.Diagnostics.CodeAnalysis;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Platform.Catalog;

/// <summary>A model that tasks can name: its schema, compiled once, and the pool of workers that runs it. Safe for many threads.</summary>
internal sealed class Model
{
    /// <summary>Errors that one task can have (contract, section 3).</summary>
    public const int MaxErrors = 100;

    private static readonly HashSet<string> s_none = new(StringComparer.Ordinal);

    private readonly SchemaField _root;
    private readonly SchemaWalk _walk;
    private readonly CrossFieldRules _rules;
    private readonly SpeechBinder _binder;

    private Model(string file, JObject schema, SchemaField root, SchemaWalk walk, AudioTables tables)
    {
        _root = root;
        _walk = walk;
        var audio = new AudioSettingsRule(_root, tables);
        _rules = new CrossFieldRules(_root, audio);
        _binder = new SpeechBinder(file, _root, audio);
        Name = schema.Value<string>("title") ?? throw new InvalidDataException($"{file} has no title, which is the model's name.");
        Air = _root.Find("model")?.Allowed is [var air]
            ? air
            : throw new InvalidDataException($"{file}: the enum of 'model' must hold one value, the model's identifier.");
    }

    /// <summary>The identifier that tasks send, such as <c>alibaba:qwen@3-tts-1.7b-customvoice</c>.</summary>
    public string Air { get; }

    public string Name { get; }

    /// <summary>The pool whose workers run this model.</summary>
    public required string Pool { get; init; }

    /// <summary>The schema file as it is, for publishing.</summary>
    public required string SchemaText { get; init; }

    /// <summary>The fields of a task, for whoever needs more than <see cref="Check"/>.</summary>
    public SchemaField Root => _root;

    /// <exception cref="InvalidDataException">The schema is broken; the message says where.</exception>
    public static Model Load(SchemaFiles files, string path, AudioTables tables, Func<string, string> poolOf)
    {
        var schema = files.Object(path);
        var root = new SchemaReader(path).Read(schema);

        // Completes at once: there is no reference to fetch in a schema, SchemaReader has refused the keyword.
        var compiled = JsonSchema.FromJsonAsync(files.Text(path)).GetAwaiter().GetResult();
        return new Model(path, schema, root, new SchemaWalk(compiled, root), tables)
        {
            Pool = poolOf(schema["properties"]?["model"]?["enum"]?.First?.ToString() ?? ""),
            SchemaText = files.Text(path),
        };
    }

    /// <summary>
    /// Checks a task and binds it. Order of the errors: the schema's, field by field as declared (of an object first its known
    /// fields, then its unknown ones as sent), then the cross-field rules. One error a field.
    /// </summary>
    public CheckedTask Check(JObject task)
    {
        var errors = new List<TaskError>();
        var refused = FieldCheck.Accepts(_root, task) ? s_none : CheckSchema(task, errors);
        _rules.Check(task, refused, errors);
        return errors.Count == 0
            ? CheckedTask.Accepted(this, _binder.Bind(task))
            : CheckedTask.Refused([.. errors.Take(MaxErrors)]);
    }

    /// <summary>The typed form of a task that <see cref="Check"/> accepted before; checks nothing.</summary>
    public SpeechSpec Interpret(JObject task) => _binder.Bind(task);

    private HashSet<string> CheckSchema(JObject task, List<TaskError> errors)
    {
        var refused = new HashSet<string>(StringComparer.Ordinal);
        foreach (var error in _walk.Errors(task))
        {
            if (_walk.FieldOf(error) is not { } field)
            {
                errors.Add(FieldErrors.Unknown(_walk.ParentOf(error), error.Property));
            }
            else if (refused.Add(field.Path))
            {
                errors.Add(error.Kind == ValidationErrorKind.PropertyRequired ? FieldErrors.Missing(field) : FieldErrors.Invalid(field));
            }
        }

        return refused;
    }
}

/// <summary>What became of a check: a typed task and its model, or all its errors.</summary>
internal sealed record CheckedTask
{
    private CheckedTask()
    {
    }

    public Model? Model { get; private init; }

    public SpeechSpec? Spec { get; private init; }

    /// <summary>At least one when refused, at most <see cref="Catalog.Model.MaxErrors"/>; empty when accepted.</summary>
    public IReadOnlyList<TaskError> Errors { get; private init; } = [];

    [MemberNotNullWhen(true, nameof(Model), nameof(Spec))]
    public bool IsAccepted => Spec is not null;

    public static CheckedTask Accepted(Model model, SpeechSpec spec) => new() { Model = model, Spec = spec };

    public static CheckedTask Refused(IReadOnlyList<TaskError> errors) => new() { Errors = errors };
}
