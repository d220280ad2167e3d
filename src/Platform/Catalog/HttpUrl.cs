using Platform.Outbound;

namespace Platform.Catalog;

/// <summary>
/// The form of an address that a task names. Whether the platform may go there is the outbound guard's to say, not this one's.
/// </summary>
internal static class HttpUrl
{
    /// <summary>
    /// True for an absolute http or https URL with a host and without credentials, written so that every reader of URLs takes it
    /// for the same one: no blanks, no control characters, no backslashes.
    /// </summary>
    public static bool IsOne(string text)
    {
        var scheme = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http://".Length
            : text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://".Length
            : 0;
        if (scheme == 0 || HasForbidden(text))
        {
            return false;
        }

        var rest = text.AsSpan(scheme);
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];

        // Placeholders are for paths: the host has to be known before the task is accepted.
        return !authority.IsEmpty
            && !authority.ContainsAny('@', '{', '}')
            && Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Port > 0
            && OutboundUrl.HasHost(uri);
    }

    private static bool HasForbidden(string text)
    {
        foreach (var character in text)
        {
            if (character == '\\' || char.IsControl(character) || char.IsWhiteSpace(character))
            {
                return true;
            }
        }

        return false;
    }
}
