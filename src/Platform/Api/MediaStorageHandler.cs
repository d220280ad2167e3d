using System.Text;
using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Storage;

namespace Platform.Api;

/// <summary>
/// <c>mediaStorage</c>: keeps or deletes reference audio. Idempotent by <c>taskUUID</c>: an upload that is sent again with the same bytes
/// gives the same medium, as long as it is kept.
/// </summary>
internal sealed class MediaStorageHandler(TakeMedium take, StoredMedia media, AudioLinks links)
{
    private const int LongestName = 100;
    private const string Media = "media";
    private const string Operation = "operation";
    private static readonly string[] Operations = ["upload", "delete"];
    private static readonly string[] Known = ["taskType", "taskUUID", Operation, Media];

    private static readonly TaskError NotFound = new(ErrorCodes.MediaNotFound, "'media' names no stored medium of yours.")
    {
        Parameter = Media,
        Type = "string",
    };

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        var errors = Check(call, out var taskUuid);
        if (errors.Count > 0)
        {
            return TaskReply.Failed(errors);
        }

        var source = (string)call.Task.Json[Media]!;
        return (string)call.Task.Json[Operation]! is "upload"
            ? await UploadAsync(call, taskUuid, source)
            : await DeleteAsync(call, source);
    }

    private async Task<TaskReply> UploadAsync(TaskCall call, Guid taskUuid, string source)
    {
        var (medium, refusal) = await take.UploadAsync(call.Caller.TenantId, taskUuid, source);
        return medium is null
            ? TaskReply.Failed(ErrorOf(refusal!))
            : Item(call, medium.MediaUuid, links.Of(medium.MediaUuid, medium.Extension));
    }

    private async Task<TaskReply> DeleteAsync(TaskCall call, string source) =>
        Guid.TryParseExact(source, "D", out var mediaUuid) && await media.DeleteAsync(call.Caller.TenantId, mediaUuid)
            ? Item(call, mediaUuid, url: null)
            : TaskReply.Failed(NotFound);

    // Nothing in it can need escaping: a checked UUID, one of ours, and a link made of settings and both.
    private static TaskReply Item(TaskCall call, Guid mediaUuid, string? url)
    {
        var link = url is null ? "" : $",\"mediaURL\":\"{url}\"";
        return TaskReply.Of(Encoding.UTF8.GetBytes(
            $$"""{"taskType":"mediaStorage","taskUUID":"{{call.TaskUuid}}","mediaUUID":"{{mediaUuid}}"{{link}}}"""));
    }

    private static List<TaskError> Check(TaskCall call, out Guid taskUuid)
    {
        var errors = new List<TaskError>();
        if (PollTarget.Read(call, out taskUuid) is { } fault)
        {
            errors.Add(fault);
        }

        AddFault(errors, call.Task.Json[Operation], Operation, Operations);
        AddFault(errors, call.Task.Json[Media], Media, allowed: null);
        foreach (var name in call.Task.Json.Properties().Select(static property => property.Name)
            .Except(Known, StringComparer.Ordinal).Take(Model.MaxErrors - errors.Count))
        {
            errors.Add(new TaskError(ErrorCodes.UnknownParameter, "mediaStorage has no parameter of this name; names are case-sensitive.")
            {
                Parameter = Shortened(name),
            });
        }

        return errors;
    }

    private static string Shortened(string name) => name.Length <= LongestName
        ? name
        : name[..(char.IsHighSurrogate(name[LongestName - 1]) ? LongestName - 1 : LongestName)];

    private static void AddFault(List<TaskError> errors, JToken? sent, string field, string[]? allowed)
    {
        var isFine = sent is JValue { Value: string text } && text.Length > 0
            && (allowed is null || allowed.Contains(text, StringComparer.Ordinal));
        if (!isFine)
        {
            var expected = allowed is null
                ? "a string: for an upload an http or https URL, a data URI or base64, for a deletion a mediaUUID"
                : "one of " + string.Join(", ", allowed);
            errors.Add(new TaskError(
                sent is null ? ErrorCodes.Missing(field) : ErrorCodes.Invalid(field),
                sent is null ? $"'{field}' is required and must be {expected}." : $"'{field}' must be {expected}.")
            {
                Parameter = field,
                Type = "string",
                AllowedValues = allowed,
            });
        }
    }

    private static TaskError ErrorOf(MediumRefusal refusal)
    {
        var (code, parameter) = refusal.Fault switch
        {
            MediumFault.DownloadFailed => (ErrorCodes.DownloadFailed, Media),
            MediumFault.TooLarge or MediumFault.NoRoom => (ErrorCodes.PayloadTooLarge, Media),
            MediumFault.Conflict => (ErrorCodes.ConflictTaskUUID, "taskUUID"),
            _ => (ErrorCodes.Invalid(Media), Media),
        };
        return new TaskError(code, $"'{Media}' {refusal.Reason}.") { Parameter = parameter, Type = "string" };
    }
}
