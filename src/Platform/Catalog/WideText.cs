using System.Text;

namespace Platform.Catalog;

/// <summary>Texts whose length a provider counts in columns: a Chinese character, kanji or hanja is two, everything else one.</summary>
internal static class WideText
{
    private const int Longest = 100;

    public static bool IsShort(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width += IsHan(rune) ? 2 : 1;
        }

        return width <= Longest;
    }

    // The blocks of unified and compatibility ideographs, and of their extensions.
    private static bool IsHan(Rune rune) => rune.Value is
        (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x323AF);
}
