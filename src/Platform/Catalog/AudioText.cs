using System.Buffers.Text;

namespace Platform.Catalog;

/// <summary>The forms in which a task may give a recording. What is behind an address or in the bytes is looked at elsewhere.</summary>
internal static class AudioText
{
    private const int LongestUrl = 8192;
    private const int LongestHeader = 256;
    private const string DataScheme = "data:";
    private const string Encoding = ";base64";

    /// <summary>True for a UUID, an http or https URL, a data URI in base64, or bare base64, as the official SDKs send local files.</summary>
    public static bool IsOne(string text)
    {
        // No base64 has a colon or a hyphen, so the four forms exclude each other.
        if (text.StartsWith(DataScheme, StringComparison.OrdinalIgnoreCase))
        {
            return IsDataUri(text.AsSpan(DataScheme.Length));
        }

        return TaskUuid.TryParseAny(text, out _) || (text.Length <= LongestUrl && HttpUrl.IsOne(text)) || IsBase64(text);
    }

    private static bool IsDataUri(ReadOnlySpan<char> rest)
    {
        var comma = rest[..Math.Min(rest.Length, LongestHeader)].IndexOf(',');
        return comma >= 0
            && rest[..comma].EndsWith(Encoding, StringComparison.OrdinalIgnoreCase)
            && IsBase64(rest[(comma + 1)..]);
    }

    private static bool IsBase64(ReadOnlySpan<char> text) => Base64.IsValid(text, out var length) && length > 0;
}
