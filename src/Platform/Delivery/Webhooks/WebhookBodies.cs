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
internal sealed class WebhookBodies(VerifiedBlobs blobs, RenderErrorEnvelope renderError)
{
    private static readonly TaskError Gone = new(
        ErrorCodes.MediaExpired, "The audio of a result is no longer stored. Send the task again, with a new taskUUID, to have it made anew.");
    private static readonly TaskError Damaged = new(ErrorCodes.InferenceError, "The stored audio of a result is damaged.");
    private static readonly TaskError Forgotten = new(ErrorCodes.TaskNotFound, "The task is no longer remembered.");

    public async Task<WebhookBody> OfAsync(DueWebhook webhook, CancellationToken cancellation)
    {
        if (webhook.Item is { } item)
        {
            return item.OutputType == OutputType.Url
                ? new WebhookBody([.. "{\"data\":["u8, .. item.Json, .. "]}"u8])
                : await WithAudioAsync(item, cancellation);
        }

        return webhook is { Error: { } error, Request: { } request }
            ? new WebhookBody(renderError(ItemJson.ReadError(error), TaskUuidOf(request)))
            : new WebhookBody(renderError(Forgotten, webhook.TaskUuid.ToString()));
    }

    /// <exception cref="IOException">The store cannot be read now: worth another attempt.</exception>
    private async Task<WebhookBody> WithAudioAsync(DeliveredItem item, CancellationToken cancellation)
    {
        try
        {
            await using var file = await blobs.OpenStreamAsync(item.BlobKey, cancellation);
            return file is null
                ? new WebhookBody(renderError(Gone, TaskUuidOf(item.Json)))
                : Around(item, file.Length);
        }
        catch (DamagedBlobException)
        {
            return new WebhookBody(renderError(Damaged, TaskUuidOf(item.Json)));
        }
    }

    private WebhookBody Around(DeliveredItem item, long length)
    {
        var opening = ItemAudio.Opening(item.OutputType, item.BlobKey);
        return new WebhookBody(
            [.. "{\"data\":["u8, .. item.Json.AsSpan(0, item.Json.Length - 1), .. Encoding.ASCII.GetBytes(opening)],
            length,
            async () => await blobs.OpenStreamAsync(item.BlobKey, CancellationToken.None) ?? throw new IOException("The audio is gone."),
            [.. "\"}]}"u8]);
    }

    // As the customer spelled it.
    private static string TaskUuidOf(byte[] json)
    {
        using var task = JsonDocument.Parse(json);
        return task.RootElement.GetProperty("taskUUID").GetString() ?? "";
    }
}
