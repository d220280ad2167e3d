using System.Buffers;

namespace Platform.Catalog;

/// <summary>
/// What is kept of a task object as it was sent: JSON without the white space between its tokens, each of which stays spelled as it was. It is kept
/// for weeks, and a body may be megabytes of blanks.
/// </summary>
internal static class KeptRequest
{
    /// <summary>
    /// Bytes of a task that is accepted, without the recording that came in it. The longest text there may be takes half of that when every character is
    /// escaped.
    /// </summary>
    public const int Largest = 256 * 1024;

    // Blanks in so little text are not worth a look: nearly every body is shorter.
    private const int Small = 2048;

    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\r\n"u8);
    private static readonly SearchValues<byte> BlanksAndQuote = SearchValues.Create(" \t\r\n\""u8);
    private static readonly SearchValues<byte> StringEnds = SearchValues.Create("\"\\"u8);

    /// <summary>The same memory where there is nothing to leave out, or the text is so short that it does not matter.</summary>
    /// <param name="json">Was parsed before: its strings are closed.</param>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> json)
    {
        if (json.Length <= Small)
        {
            return json;
        }

        var length = Copy(json.Span, default);
        if (length == json.Length)
        {
            return json;
        }

        var compact = new byte[length];
        Copy(json.Span, compact);
        return compact;
    }

    // Only measures where there is no target.
    private static int Copy(ReadOnlySpan<byte> rest, Span<byte> target)
    {
        var length = 0;
        while (!rest.IsEmpty)
        {
            var next = rest.IndexOfAny(BlanksAndQuote);
            var kept = next < 0 ? rest.Length : rest[next] == (byte)'"' ? next + LengthOfString(rest[next..]) : next;
            if (!target.IsEmpty)
            {
                rest[..kept].CopyTo(target[length..]);
            }

            length += kept;
            rest = rest[kept..];
            var blanks = rest.IndexOfAnyExcept(Blanks);
            rest = blanks < 0 ? default : rest[blanks..];
        }

        return length;
    }

    private static int LengthOfString(ReadOnlySpan<byte> text)
    {
        var at = 1;
        while (true)
        {
            at += text[at..].IndexOfAny(StringEnds);
            if (text[at] == (byte)'"')
            {
                return at + 1;
            }

            at += 2;
        }
    }
}
