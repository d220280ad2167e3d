using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Api.Lists;

/// <summary>
/// Where a page ended, as text that means nothing to its reader. It names the list and the last key, so that pages stay true while rows come
/// and go; a checksum tells a damaged one from a good one. It holds no secret and gives no right: reads are scoped by their key.
/// </summary>
internal static class Cursor
{
    private const int ChecksumLength = 4;

    public static string Write(string list, string key)
    {
        var text = Encoding.UTF8.GetBytes($"{list} {key}");
        return Base64Url.EncodeToString([.. text, .. ChecksumOf(text)]);
    }

    /// <summary>The key, or null where the text is no cursor of this list.</summary>
    public static string? Read(string list, string cursor)
    {
        // A lenient decoder would let two texts be one cursor; none of ours is longer than this.
        if (cursor.Length > 200 || !Base64Url.IsValid(cursor))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(cursor).AsSpan();
        if (bytes.Length < ChecksumLength || !bytes[^ChecksumLength..].SequenceEqual(ChecksumOf(bytes[..^ChecksumLength])))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes[..^ChecksumLength]);
        return text.StartsWith(list + " ", StringComparison.Ordinal) ? text[(list.Length + 1)..] : null;
    }

    private static ReadOnlySpan<byte> ChecksumOf(ReadOnlySpan<byte> text) => SHA256.HashData(text).AsSpan(0, ChecksumLength);
}
