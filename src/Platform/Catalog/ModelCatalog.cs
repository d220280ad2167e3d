using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>All models, from the embedded files, read once at start. Safe for many threads.</summary>
internal sealed class ModelCatalog
{
    private const string Folder = "schemas/models/";
    private const string PoolsFile = "schemas/pools.json";

    private readonly Dictionary<string, Model> _models;

    private ModelCatalog(IReadOnlyList<Model> models)
    {
        Models = models;
        _models = models.ToDictionary(model => model.Air, StringComparer.Ordinal);
    }

    /// <summary>In the order of their files' names.</summary>
    public IReadOnlyList<Model> Models { get; }

    /// <summary>The pools that the models are run by, each once.</summary>
    public IEnumerable<string> Pools => Models.Select(model => model.Pool).Distinct(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">A file is broken or missing; the message says which, where and why.</exception>
    public static ModelCatalog Load(SchemaFiles files)
    {
        var tables = AudioTables.Load(files);
        var pools = files.Object(PoolsFile);
        var models = new List<Model>();
        foreach (var path in files.Under(Folder))
        {
            var model = Model.Load(files, path, tables, PoolOf);
            if (models.Exists(other => string.Equals(other.Air, model.Air, StringComparison.Ordinal)))
            {
                throw new InvalidDataException($"{path} describes the model {model.Air}, which another file describes too.");
            }

            models.Add(model);
        }

        return models.Count > 0 ? new ModelCatalog(models) : throw new InvalidDataException($"{Folder} holds no model.");

        string PoolOf(string air) => pools[air] is JValue { Value: string { Length: > 0 } pool }
            ? pool
            : throw new InvalidDataException($"{PoolsFile} names no pool for the model {air}.");
    }

    public Model? Find(string air) => _models.GetValueOrDefault(air);

    /// <summary>
    /// Finds the model that a task names and checks the task against it. Without a model only <c>taskUUID</c> and <c>model</c>
    /// can be judged, in this order.
    /// </summary>
    public CheckedTask Check(JObject task)
    {
        if (task["model"] is JValue { Value: string air } && Find(air) is { } model)
        {
            return model.Check(task);
        }

        var errors = new List<TaskError>();
        if (task["taskUUID"] is not { } uuid)
        {
            errors.Add(FieldErrors.Missing(Common("taskUUID")));
        }
        else if (uuid is not JValue { Value: string text } || !TaskUuid.TryParse(text, out _))
        {
            errors.Add(FieldErrors.Invalid(Common("taskUUID")));
        }

        errors.Add(ModelError(task["model"]));
        return CheckedTask.Refused(errors);
    }

    /// <summary>The typed form of a task that was accepted earlier, from its bytes as sent. Checks nothing.</summary>
    /// <exception cref="InvalidOperationException">These are not the bytes of an accepted task of a model that is still served.</exception>
    public SpeechSpec Interpret(ReadOnlyMemory<byte> original)
    {
        var parsed = StrictJson.Parse(original, maxTasks: 1);
        if (!parsed.Succeeded || parsed.Tasks is not [{ Json: var task }])
        {
            throw new InvalidOperationException("The stored bytes are not one task object.");
        }

        return task["model"] is JValue { Value: string air } && Find(air) is { } model
            ? model.Interpret(task)
            : throw new InvalidOperationException("The stored task names no model that is served.");
    }

    // Every model declares the envelope's fields alike; the first one's words serve.
    private SchemaField Common(string path) => Models[0].Root.Find(path)!;

    private TaskError ModelError(JToken? sent)
    {
        var airs = Models.Select(model => model.Air).ToArray();
        var (code, message) = sent switch
        {
            null => (ErrorCodes.Missing("model"), "'model' is required and must be a model's identifier."),
            JValue { Value: string } => (ErrorCodes.ModelNotFound, "'model' names no model that is served here; modelSearch lists them."),
            _ => (ErrorCodes.Invalid("model"), "'model' must be a string, a model's identifier."),
        };
        return new TaskError(code, message) { Parameter = "model", Type = "string", AllowedValues = airs };
    }
}
