using System.Text;
using Platform.Catalog;
using Platform.Storage;

namespace Platform.Delivery;

/// <summary>
/// Completes stored items for a reply. An item that carries its audio is stored without it, so that a task's row stays small; the file is
/// put in each time the item is shown.
/// </summary>
internal sealed class ItemAudio(VerifiedBlobs blobs)
{
    private static readonly TaskError Gone = new(ErrorCodes.MediaExpired, "The audio of a result is no longer stored.");

    private static readonly TaskError Damaged = new(
        ErrorCodes.InferenceError, "The stored audio of a result is damaged and cannot be handed over.");

    private static readonly TaskError Away = new(
        ErrorCodes.InferenceError, "The audio of a result cannot be read just now. Ask again with getResponse.");

    /// <summary>The finished items of a task in result order, and its error where it has one.</summary>
    public async Task<(List<ReadOnlyMemory<byte>> Items, List<TaskError> Errors)> CompleteAsync(
        TaskOutcome outcome, CancellationToken cancellation)
    {
        var items = new List<ReadOnlyMemory<byte>>(outcome.Items.Count);
        var errors = new List<TaskError>();
        foreach (var item in outcome.Items)
        {
            var (whole, error) = await CompleteAsync(item, cancellation);
            if (error is null)
            {
                items.Add(whole);
            }
            else
            {
                errors.Add(error);
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
    public async Task<(byte[]? Whole, TaskError? Error)> CompleteAsync(DeliveredItem item, CancellationToken cancellation)
    {
        if (item.OutputType == OutputType.Url)
        {
            return (item.Json, null);
        }

        var (bytes, error) = await ReadAsync(item.BlobKey, cancellation);
        if (bytes is null)
        {
            return (null, error);
        }

        var opening = Opening(item.OutputType, item.BlobKey);
        // Base64 needs no escaping inside a JSON string, so the audio can be written into the finished item as it is.
        var audio = Convert.ToBase64String(bytes);
        return ([.. item.Json.AsSpan(0, item.Json.Length - 1), .. Encoding.ASCII.GetBytes(opening), .. Encoding.ASCII.GetBytes(audio), .. "\"}"u8], null);
    }

    // A file that cannot be read is an error of its item. Thrown, it would become a 5xx, which after acceptance must not be.
    private async Task<(byte[]? Bytes, TaskError? Error)> ReadAsync(string key, CancellationToken cancellation)
    {
        try
        {
            return await blobs.ReadAsync(key, cancellation) is { } bytes ? (bytes, null) : (null, Gone);
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
