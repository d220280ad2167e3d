using System.Globalization;
using System.Security.Cryptography;

namespace Platform.Delivery.Upload;

/// <summary>Where one result goes: the customer's <c>uploadEndpoint</c> with its placeholders filled.</summary>
internal static class UploadAddress
{
    /// <param name="endpoint">As the customer sent it.</param>
    /// <param name="index">From 0.</param>
    /// <param name="audioUuid">The result's own.</param>
    public static string Fill(string endpoint, int index, Guid audioUuid) => endpoint
        .Replace("{index}", index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{audioUUID}", audioUuid.ToString(), StringComparison.Ordinal);

    /// <summary>
    /// The id of a result that is uploaded. The same at every attempt, so that one that has to be repeated after a crash overwrites its own
    /// upload and leaves no second one; and as hard to guess as the task's id, which nobody is shown.
    /// </summary>
    public static Guid AudioUuidOf(Guid taskId, int index)
    {
        Span<byte> seed = stackalloc byte[20];
        taskId.TryWriteBytes(seed);
        BitConverter.TryWriteBytes(seed[16..], index);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(seed, digest);

        // The version and variant of RFC 9562's random kind, which clients check.
        digest[6] = (byte)((digest[6] & 0x0F) | 0x40);
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return new Guid(digest[..16], bigEndian: true);
    }
}
