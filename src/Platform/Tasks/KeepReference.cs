using Platform.Catalog;
using Platform.Storage;
using Platform.Tasks.Voices;

namespace Platform.Tasks;

/// <summary>
/// Between steps 3 and 4 of the walk, for tasks with somebody's voice: makes sure that it may be used and that the worker will find the
/// reference audio. The stored request then names the medium's UUID in place of an address that may change or of megabytes of base64.
/// </summary>
internal sealed class KeepReference(ForeseeRefusal foresee, TakeMedium take, StoredMedia media, UseVoice use)
{
    public const string Parameter = "inputs.audio";

    /// <summary>The task as it is to be accepted, or why it cannot be.</summary>
    public async Task<(NewTask Task, TaskError? Error)> RunAsync(NewTask task)
    {
        if (await use.FindRefusalAsync(task) is { } unusable)
        {
            return (task, unusable);
        }

        if (task.Spec.InputAudio is not { } source)
        {
            return (task, null);
        }

        // Else whoever cannot pay would have recordings fetched, decoded and stored for nothing.
        if (RefusedTask.ErrorOf(await foresee.RunAsync(task), task) is { } foreseen)
        {
            return (task, foreseen);
        }

        var (medium, refusal) = await take.ForTaskAsync(task.TenantId, task.TaskId, source);
        if (medium is null)
        {
            return (task, ErrorOf(refusal!, Parameter));
        }

        if (await use.FindRefusalAsync(task.TenantId, medium.MediaUuid, Parameter) is { } denied)
        {
            await ForgetAsync(task);
            return (task, denied);
        }

        var uuid = medium.MediaUuid.ToString();
        return (task with
        {
            Spec = task.Spec with { InputAudio = uuid },
            Request = ReplaceInput.Run(task.Request, uuid),
        }, null);
    }

    /// <summary>
    /// Takes back what was noted for a task that was refused after all, and with it a medium that only this task brought. What a killed process
    /// does not take back is swept.
    /// </summary>
    public async Task ForgetAsync(NewTask task)
    {
        if (task.Spec.InputAudio is not null)
        {
            await media.UnuseAsync(task.TaskId);
        }
    }

    /// <param name="parameter">Where the recording was named.</param>
    public static TaskError ErrorOf(MediumRefusal refusal, string parameter)
    {
        var code = refusal.Fault switch
        {
            MediumFault.NotFound => ErrorCodes.MediaNotFound,
            MediumFault.DownloadFailed => ErrorCodes.DownloadFailed,
            MediumFault.NoRoom => ErrorCodes.PayloadTooLarge,
            MediumFault.Busy => ErrorCodes.ServiceUnavailable,
            _ => ErrorCodes.Invalid(parameter),
        };
        return new TaskError(code, $"'{parameter}' {refusal.Reason}.") { Parameter = parameter, Type = "string" };
    }
}
