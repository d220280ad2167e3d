using System.Text;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Storage;

namespace Platform.Api;

/// <summary>
/// <c>mediaStorage</c>: keeps or deletes reference audio. Idempotent by <c>taskUUID</c>: an upload that is sent again with the same bytes
/// gives the same medium, as long as it is kept.
/// </summary>
internal sealed class MediaStorageHandler(TaskForms forms, TakeMedium take, StoredMedia media, PublicMedia files, AudioLinks links)
{
    public const string TaskType = "mediaStorage";

    private const string Media = "media";
    private const string Operation = "operation";
    private static readonly TaskError NotFound = new(ErrorCodes.MediaNotFound, "'media' names no stored medium of yours.")
    {
        Parameter = Media,
        Type = "string",
    };

    private readonly TaskForm _form = forms.Of(TaskType);

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        if (_form.Check(call.Task.Json) is { Count: > 0 } errors)
        {
            return TaskReply.Failed(errors);
        }

        var source = (string)call.Task.Json[Media]!;
        return (string)call.Task.Json[Operation]! is "upload"
            ? await UploadAsync(call, PollTarget.UuidOf(call), source)
            : await DeleteAsync(call, source);
    }

    private async Task<TaskReply> UploadAsync(TaskCall call, Guid taskUuid, string source)
    {
        var (medium, refusal) = await take.UploadAsync(call.Caller.TenantId, taskUuid, source);
        return medium is null
            ? TaskReply.Failed(ErrorOf(refusal!))
            : Item(call, medium.MediaUuid, links.Of(medium.MediaUuid, medium.Extension));
    }

    private async Task<TaskReply> DeleteAsync(TaskCall call, string source)
    {
        if (!Guid.TryParseExact(source, "D", out var mediaUuid) || !await media.DeleteAsync(call.Caller.TenantId, mediaUuid))
        {
            return TaskReply.Failed(NotFound);
        }

        files.Forget(mediaUuid);
        return Item(call, mediaUuid, url: null);
    }

    // Nothing in it can need escaping: a checked UUID, one of ours, and a link made of settings and both.
    private static TaskReply Item(TaskCall call, Guid mediaUuid, string? url)
    {
        var link = url is null ? "" : $",\"mediaURL\":\"{url}\"";
        return TaskReply.Of(Encoding.UTF8.GetBytes(
            $$"""{"taskType":"mediaStorage","taskUUID":"{{call.TaskUuid}}","mediaUUID":"{{mediaUuid}}"{{link}}}"""));
    }

    private static TaskError ErrorOf(MediumRefusal refusal)
    {
        var (code, parameter) = refusal.Fault switch
        {
            MediumFault.DownloadFailed => (ErrorCodes.DownloadFailed, Media),
            MediumFault.TooLarge or MediumFault.NoRoom => (ErrorCodes.PayloadTooLarge, Media),
            MediumFault.Busy => (ErrorCodes.ServiceUnavailable, Media),
            MediumFault.Conflict => (ErrorCodes.ConflictTaskUUID, "taskUUID"),
            _ => (ErrorCodes.Invalid(Media), Media),
        };
        return new TaskError(code, $"'{Media}' {refusal.Reason}.") { Parameter = parameter, Type = "string" };
    }
}
