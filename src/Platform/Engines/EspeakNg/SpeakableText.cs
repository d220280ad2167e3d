using System.Globalization;
using System.Text;

namespace Platform.Engines.EspeakNg;

/// <summary>
/// A customer's text with everything taken out that espeak-ng would obey instead of read: <c>[[phonemes]]</c>, the
/// control characters that switch voice, pitch and phoneme mode, and code points that are no text.
/// </summary>
/// <param name="Text">What is safe to hand over.</param>
/// <param name="HasWords">Whether a letter or digit is in it; without one, silence is a right answer.</param>
internal sealed record SpeakableText(string Text, bool HasWords)
{
    public static SpeakableText Of(string text)
    {
        var safe = new StringBuilder(text.Length);
        var hasWords = false;
        foreach (var rune in text.EnumerateRunes())
        {
            hasWords |= Rune.IsLetterOrDigit(rune);
            safe.Append(Replace(rune));
        }

        return new SpeakableText(safe.ToString(), hasWords);
    }

    private static string Replace(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        // Both brackets sound the same (not at all), and only square ones open a phoneme string.
        _ when rune.Value == '[' => "(",
        _ when rune.Value == ']' => ")",
        _ when rune == Rune.ReplacementChar => " ",
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator =>
            rune.Value is '\n' or '\u2028' or '\u2029' ? "\n" : " ",
        UnicodeCategory.Format => "",
        UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate => " ",
        _ => rune.ToString(),
    };
}
