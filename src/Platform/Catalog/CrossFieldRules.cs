using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>The rules between fields that a JSON schema cannot say, in the order in which their errors come.</summary>
internal sealed class CrossFieldRules(SchemaField root, AudioSettingsRule audio)
{
    private readonly OnlyWithRule _onlyWith = new(root);
    private readonly RequiredUnlessRule _requiredUnless = new(root);
    private readonly PlaceholderRule _placeholders = new(root);

    /// <param name="refused">The paths that already have an error.</param>
    public void Check(JObject task, IReadOnlySet<string> refused, List<TaskError> errors)
    {
        _onlyWith.Check(task, refused, errors);
        _requiredUnless.Check(task, refused, errors);
        _placeholders.Check(task, refused, errors);
        if (audio.Check(task, refused) is { } fault)
        {
            errors.Add(fault);
        }
    }
}
