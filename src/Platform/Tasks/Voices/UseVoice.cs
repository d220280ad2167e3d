using Platform.Catalog;
using Platform.Tenants.Voices;

namespace Platform.Tasks.Voices;

/// <summary>
/// Whether a task may speak with whom it names: a voice of a tenant's own must be that tenant's, and somebody whose voice is used must have
/// agreed. Looked at when the task is sent; what is withdrawn later refuses the next one.
/// </summary>
internal sealed class UseVoice(TenantVoices voices, Consents consents, VoiceRules rules)
{
    public const string Parameter = "speech.voice";

    /// <summary>The error that refuses the task, or null.</summary>
    public async Task<TaskError?> FindRefusalAsync(NewTask task)
    {
        if (!Guid.TryParseExact(task.Spec.Voice, "D", out var voiceId))
        {
            return null;
        }

        var voice = await voices.FindForTenantAsync(task.TenantId, voiceId, CancellationToken.None);
        if (voice is null || voice.Model != task.Spec.Model)
        {
            return new TaskError(ErrorCodes.Invalid(Parameter), $"'{Parameter}' names no voice of yours that this model speaks with.")
            {
                Parameter = Parameter,
                Type = "string",
            };
        }

        // Nobody lent a designed voice.
        return voice.Kind == TenantVoice.Designed
            ? null
            : await JudgeAsync(task.TenantId, Parameter, await consents.StateOfVoiceAsync(voice, CancellationToken.None));
    }

    /// <summary>The same for a recording that is stored by now.</summary>
    /// <param name="parameter">Where it was named.</param>
    public async Task<TaskError?> FindRefusalAsync(Guid tenantId, Guid mediaUuid, string parameter) =>
        await JudgeAsync(tenantId, parameter, await consents.StateOfMediumAsync(tenantId, mediaUuid, CancellationToken.None));

    private async Task<TaskError?> JudgeAsync(Guid tenantId, string parameter, ConsentState state)
    {
        var fault = state switch
        {
            ConsentState.InForce => null,
            ConsentState.Expired => "has expired",
            ConsentState.Revoked => "was revoked",
            _ => (await rules.FindAsync(tenantId, CancellationToken.None)).RequireConsent ? "is missing" : null,
        };
        return fault is null ? null : new TaskError(
            ErrorCodes.PermissionDenied, $"'{parameter}' is a person's voice, and the consent to use it {fault}. Record one with POST /v1/consents.")
        {
            Parameter = parameter,
        };
    }
}
