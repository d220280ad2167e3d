using System.Text;
using Platform.Catalog;
using Platform.Storage;

namespace Platform.Delivery;

/// <summary>
/// Completes stored items for a reply. An item that carries its audio is stored without it, so that a task's row stays small; the file is
/// looked at before the reply begins, when an error can still be told, and read while the reply goes out.
/// </summary>
internal sealed class ItemAudio(VerifiedBlobs blobs)
{
    private static readonly TaskError Gone = new(
        ErrorCodes.MediaExpired, "The audio of a result is no longer stored. Send the task again, with a new taskUUID, to have it made anew.");

    private static readonly TaskError Damaged = new(
        ErrorCodes.InferenceError, "The stored audio of a result is damaged and cannot be handed over.");

    private static readonly TaskError Away = new(
        ErrorCodes.InferenceError, "The audio of a result cannot be read just now. Ask again with getResponse.");

    /// <summary>The finished items of a task in result order, and its error where it has one.</summary>
    public async Task<(List<ReplyText> Items, List<TaskError> Errors)> CompleteAsync(
        TaskOutcome outcome, CancellationToken cancellation)
    {
        var items = new List<ReplyText>(outcome.Items.Count);
        var errors = new List<TaskError>();
        foreach (var item in outcome.Items)
        {
            var (whole, error) = await CompleteAsync(item, cancellation);
            if (whole is { } text)
            {
                items.Add(text);
            }
            else
            {
                errors.Add(error!);
            }
        }

        if (outcome.Error is { } stored && outcome.IsFinal)
        {
            errors.Add(ItemJson.ReadError(stored));
        }

        return (items, errors);
    }

    /// <summary>What stands between the item's other members and the audio in base64; a quote and a brace close it.</summary>
    public static string Opening(OutputType outputType, string fileName) => outputType == OutputType.Base64Data
        ? ",\"audioBase64Data\":\""
        : $",\"audioDataURI\":\"data:{MediaTypes.OfFile(fileName)};base64,";

    /// <summary>One finished item, or why it cannot be shown.</summary>
    public async Task<(ReplyText? Whole, TaskError? Error)> CompleteAsync(DeliveredItem item, CancellationToken cancellation)
    {
        if (item.OutputType == OutputType.Url)
        {
            return (item.Json, null);
        }

        var (audio, error) = await FindAsync(item.BlobKey, cancellation);
        if (audio is null)
        {
            return (null, error);
        }

        // Base64 needs no escaping inside a JSON string, so the audio can be written into the finished item as it is.
        var opening = Encoding.ASCII.GetBytes(Opening(item.OutputType, item.BlobKey));
        var start = (byte[])[.. item.Json.AsSpan(0, item.Json.Length - 1), .. opening];
        return (new ReplyText([new ReplyPiece(start), new ReplyPiece(default, audio), new ReplyPiece("\"}"u8.ToArray())]), null);
    }

    // A file that cannot be read is an error of its item. Thrown, it would become a 5xx, which after acceptance must not be.
    private async Task<(UnreadAudio? Audio, TaskError? Error)> FindAsync(string key, CancellationToken cancellation)
    {
        try
        {
            return await blobs.MeasureAsync(key, cancellation) is { } length ? (new UnreadAudio(blobs, key, length), null) : (null, Gone);
        }
        catch (DamagedBlobException)
        {
            return (null, Damaged);
        }
        catch (IOException)
        {
            return (null, Away);
        }
    }
}
