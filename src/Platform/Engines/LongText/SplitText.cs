using System.Globalization;
using System.Text;

namespace Platform.Engines.LongText;

/// <summary>What lies between a part of a text and the next one.</summary>
internal enum Seam
{
    /// <summary>The end of a sentence, or of the whole text.</summary>
    Sentence,

    /// <summary>A comma or the like.</summary>
    Clause,

    /// <summary>A blank.</summary>
    Word,

    /// <summary>Nothing: the text had no better place.</summary>
    None,
}

/// <summary>A part of a text and how it ends.</summary>
internal readonly record struct TextPart(string Text, Seam End);

/// <summary>
/// Cuts a text into parts that a provider takes at once: at the last end of a sentence that fits, else at a clause, a blank, or between two
/// characters as people see them. Nothing but the blanks at the cuts is lost.
/// </summary>
internal static class SplitText
{
    /// <param name="text">Any text; lone surrogates were refused before.</param>
    /// <param name="limit">Unicode code points of a part, at least 1.</param>
    public static IReadOnlyList<TextPart> Run(string text, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var places = new CutPlaces(text);
        var parts = new List<TextPart>();
        for (var start = SkipBlanks(text, 0); start < text.Length;)
        {
            var end = places.EndOfWindow(start, limit);
            var (cut, seam) = end == text.Length ? (end, Seam.Sentence) : places.Best(start, end);
            parts.Add(new TextPart(text[start..cut].TrimEnd(), seam));
            start = SkipBlanks(text, cut);
        }

        return parts;
    }

    /// <summary>Whether there is anything to say in it: punctuation and blanks alone are a pause, which no provider is asked for.</summary>
    public static bool HasWords(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // Emoji and signs have names that a voice may read.
            if (Rune.IsLetterOrDigit(rune)
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.MathSymbol)
            {
                return true;
            }
        }

        return false;
    }

    private static int SkipBlanks(string text, int start)
    {
        while (start < text.Length && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        return start;
    }
}
