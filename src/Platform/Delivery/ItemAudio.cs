using System.Text;
using Platform.Catalog;
using Platform.Storage;

namespace Platform.Delivery;

/// <summary>
/// Completes stored items for a reply. An item that carries its audio is stored without it, so that a task's row stays small; the file is
/// put in each time the item is shown.
/// </summary>
internal sealed class ItemAudio(FolderBlobs blobs)
{
    private static readonly TaskError Gone = new(ErrorCodes.MediaExpired, "The audio of a result is no longer stored.");

    /// <summary>The finished items of a task in result order, and its error where it has one.</summary>
    public (List<ReadOnlyMemory<byte>> Items, List<TaskError> Errors) Complete(TaskOutcome outcome)
    {
        var items = new List<ReadOnlyMemory<byte>>(outcome.Items.Count);
        var errors = new List<TaskError>();
        foreach (var item in outcome.Items)
        {
            if (Complete(item) is { } whole)
            {
                items.Add(whole);
            }
            else
            {
                errors.Add(Gone);
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

    /// <summary>One finished item, or null when its file is not there any more.</summary>
    public ReadOnlyMemory<byte>? Complete(DeliveredItem item) => CompleteBytes(item) is { } whole ? new ReadOnlyMemory<byte>(whole) : default(ReadOnlyMemory<byte>?);

    private byte[]? CompleteBytes(DeliveredItem item)
    {
        if (item.OutputType == OutputType.Url)
        {
            return item.Json;
        }

        if (blobs.Find(item.BlobKey) is not { } file || Read(file) is not { } bytes)
        {
            return null;
        }

        var opening = Opening(item.OutputType, file.Name);
        // Base64 needs no escaping inside a JSON string, so the audio can be written into the finished item as it is.
        var audio = Convert.ToBase64String(bytes);
        return [.. item.Json.AsSpan(0, item.Json.Length - 1), .. Encoding.ASCII.GetBytes(opening), .. Encoding.ASCII.GetBytes(audio), (byte)'"', (byte)'}'];
    }

    // A file that cannot be read is an error of its item. Thrown, it would become a 5xx, which after acceptance must not be.
    private static byte[]? Read(FileInfo file)
    {
        try
        {
            return File.ReadAllBytes(file.FullName);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
