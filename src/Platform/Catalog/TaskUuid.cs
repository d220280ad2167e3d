using System.Buffers;

namespace Platform.Catalog;

/// <summary>The form of a <c>taskUUID</c>, for the task types that have no model schema.</summary>
internal static class TaskUuid
{
    private static readonly SearchValues<char> s_characters = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>True for a version 4 UUID of the RFC 9562 variant in the usual 36 characters; upper and lower case are the same.</summary>
    public static bool TryParse(string? text, out Guid uuid) =>
        TryParseAny(text, out uuid) && uuid is { Version: 4, Variant: >= 8 and <= 11 };

    /// <summary>True for a UUID of any version in the usual 36 characters, such as that of a stored medium.</summary>
    public static bool TryParseAny(string? text, out Guid uuid)
    {
        uuid = default;

        // Guid.TryParseExact alone would take spaces around it and "0x" or "+" inside.
        return text is { Length: 36 }
            && !text.AsSpan().ContainsAnyExcept(s_characters)
            && Guid.TryParseExact(text, "D", out uuid);
    }
}
