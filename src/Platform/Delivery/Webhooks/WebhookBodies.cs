using System.Text;
using System.Text.Json;
using Platform.Catalog;
using Platform.Storage;

namespace Platform.Delivery.Webhooks;

/// <summary>Renders the envelope of one error, as every reply shows it, for a task with this <c>taskUUID</c>.</summary>
internal delegate byte[] RenderErrorEnvelope(TaskError error, string taskUuid);

/// <summary>
/// What a webhook posts: the item as it was rendered when the result was finished, or the task's error. The same bytes at every attempt.
/// </summary>
internal sealed class WebhookBodies(FolderBlobs blobs, RenderErrorEnvelope renderError)
{
    private static readonly TaskError Gone = new(ErrorCodes.MediaExpired, "The audio of a result is no longer stored.");
    private static readonly TaskError Forgotten = new(ErrorCodes.TaskNotFound, "The task is no longer remembered.");

    public WebhookBody Of(DueWebhook webhook)
    {
        if (webhook.Item is { } item)
        {
            return item.OutputType == OutputType.Url
                ? new WebhookBody([.. "{\"data\":["u8, .. item.Json, .. "]}"u8])
                : WithAudio(item);
        }

        return webhook is { Error: { } error, Request: { } request }
            ? new WebhookBody(renderError(ItemJson.ReadError(error), TaskUuidOf(request)))
            : new WebhookBody(renderError(Forgotten, webhook.TaskUuid.ToString()));
    }

    private WebhookBody WithAudio(DeliveredItem item)
    {
        if (blobs.Find(item.BlobKey) is not { } file)
        {
            return new WebhookBody(renderError(Gone, TaskUuidOf(item.Json)));
        }

        var opening = ItemAudio.Opening(item.OutputType, file.Name);
        return new WebhookBody(
            [.. "{\"data\":["u8, .. item.Json.AsSpan(0, item.Json.Length - 1), .. Encoding.ASCII.GetBytes(opening)],
            file.Length,
            () => new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
            [.. "\"}]}"u8]);
    }

    // As the customer spelled it.
    private static string TaskUuidOf(byte[] json)
    {
        using var task = JsonDocument.Parse(json);
        return task.RootElement.GetProperty("taskUUID").GetString() ?? "";
    }
}
