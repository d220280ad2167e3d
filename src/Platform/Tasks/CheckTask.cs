using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Platform.Engines;

namespace Platform.Tasks;

/// <summary>
/// Step 2 of the walk: the task against its model's schema, and the model and voice against what this installation speaks. A model that nobody
/// set up an engine for is refused here: it would wait for nothing.
/// </summary>
internal sealed class CheckTask(ModelCatalog catalog, VoiceBook voices, EngineOffer offer)
{
    private const string Voice = VoiceBook.Field;

    public CheckedTask Run(JObject task)
    {
        var found = catalog.Check(task);
        return found.IsAccepted && FindRefusal(found.Model, found.Spec.Voice) is { } refusal ? CheckedTask.Refused([refusal]) : found;
    }

    /// <summary>Whether any voice of the model can be spoken here.</summary>
    public bool IsServed(Model model) => offer.ServesAny(model.Pool, model.Air, voices.AllowedFor(model));

    private TaskError? FindRefusal(Model model, string voice)
    {
        if (offer.Serves(model.Pool, model.Air, voice))
        {
            return null;
        }

        return IsServed(model)
            ? new TaskError(ErrorCodes.Invalid(Voice), $"'{Voice}' names a voice that is not served here; GET /v1/voices lists those that are.")
            {
                Parameter = Voice,
                Type = "string",
                AllowedValues = [.. voices.AllowedFor(model).Where(one => offer.Serves(model.Pool, model.Air, one))],
            }
            : new TaskError(
                ErrorCodes.ModelNotFound,
                "'model' names a model that is not served here: the operator has set up no engine for it. modelSearch says which models are.")
            {
                Parameter = "model",
                Type = "string",
                AllowedValues = [.. catalog.Models.Where(IsServed).Select(static one => one.Air)],
            };
    }
}
