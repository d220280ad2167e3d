using System.Buffers;

namespace Platform.Outbound;

/// <summary>The form of a URL that may be called, before any name is looked up.</summary>
internal static class OutboundUrl
{
    /// <summary>Presigned URLs with session tokens come to about 2,000 characters.</summary>
    public const int LongestUrl = 8192;

    private static readonly OutboundRefusal Malformed = new(OutboundFault.Malformed, "must be an absolute http or https URL");
    private static readonly OutboundRefusal Scheme = new(OutboundFault.Scheme, "must be an http or https URL");
    private static readonly OutboundRefusal Credentials = new(OutboundFault.Credentials, "must not hold a user name or password");

    // URL readers disagree about these: some cut there, some skip them, some take the backslash for a slash.
    private static readonly SearchValues<char> Ambiguous =
        SearchValues.Create([.. Enumerable.Range(0, 0x21).Select(static c => (char)c), '\x7f', '\\', '\u0085', '\u2028', '\u2029']);

    /// <summary>Null with the parsed URL, else why it may not be called.</summary>
    public static OutboundRefusal? Parse(string text, out Uri? url)
    {
        url = null;
        if (text.Length > LongestUrl || text.AsSpan().ContainsAny(Ambiguous))
        {
            return Malformed;
        }

        if (!StartsWithScheme(text))
        {
            return Scheme;
        }

        // Looked for in the text, because the parsed form does not tell an empty user name from none.
        if (AuthorityOf(text).Contains('@'))
        {
            return Credentials;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out url) ? FindFault(url) : Malformed;
    }

    /// <summary>The same of a URL that is parsed already.</summary>
    public static OutboundRefusal? FindFault(Uri? url) => url switch
    {
        null or { IsAbsoluteUri: false } => Malformed,
        { Scheme: not ("http" or "https") } => Scheme,
        { UserInfo.Length: > 0 } => Credentials,
        { Port: < 1 } => Malformed,
        _ => HasHost(url) ? null : Malformed,
    };

    /// <summary>Whether there is a name that can be looked up. One of other scripts may be too long only in the form in which it is asked for.</summary>
    public static bool HasHost(Uri url)
    {
        try
        {
            return url.IdnHost.Length > 0;
        }
        catch (UriFormatException)
        {
            return false;
        }
    }

    private static bool StartsWithScheme(string text) =>
        text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> AuthorityOf(string text)
    {
        var rest = text.AsSpan(text.IndexOf("//", StringComparison.Ordinal) + 2);
        var end = rest.IndexOfAny('/', '?', '#');
        return end < 0 ? rest : rest[..end];
    }
}
