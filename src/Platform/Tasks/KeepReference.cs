using Platform.Catalog;
using Platform.Storage;

namespace Platform.Tasks;

/// <summary>
/// Between steps 3 and 4 of the walk, for tasks with reference audio: makes sure that the worker will find it. The stored request then
/// names the medium's UUID in place of an address that may change or of megabytes of base64.
/// </summary>
internal sealed class KeepReference(ForeseeRefusal foresee, TakeMedium take, StoredMedia media)
{
    public const string Parameter = "inputs.audio";

    /// <summary>The task as it is to be accepted, or why it cannot be.</summary>
    public async Task<(NewTask Task, TaskError? Error)> RunAsync(NewTask task)
    {
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
            return (task, ErrorOf(refusal!));
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

    private static TaskError ErrorOf(MediumRefusal refusal)
    {
        var code = refusal.Fault switch
        {
            MediumFault.NotFound => ErrorCodes.MediaNotFound,
            MediumFault.DownloadFailed => ErrorCodes.DownloadFailed,
            MediumFault.NoRoom => ErrorCodes.PayloadTooLarge,
            MediumFault.Busy => ErrorCodes.ServiceUnavailable,
            _ => ErrorCodes.Invalid(Parameter),
        };
        return new TaskError(code, $"'{Parameter}' {refusal.Reason}.") { Parameter = Parameter, Type = "string" };
    }
}
