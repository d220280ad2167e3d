using System.Globalization;

namespace Platform.Engines.LongText;

/// <summary>Where a text may be cut, and how well. A cut at <c>i</c> lies before the UTF-16 unit <c>i</c>.</summary>
internal sealed class CutPlaces
{
    // Full stops, question and exclamation marks of the ten languages, and of their neighbours where that costs nothing.
    private const string SentenceEnds = ".!?…。！？｡．‼⁇⁈⁉";
    private const string ClauseEnds = ",;:—–，、；：､";
    private const string Closers = "\"'”’»›)]}」』）】》〉〕｣";

    private readonly string _text;
    private readonly HashSet<int> _boundaries;

    public CutPlaces(string text)
    {
        _text = text;

        // Between two characters as people see them: an accent stays with its letter, a family of emoji stays together.
        _boundaries = [.. StringInfo.ParseCombiningCharacters(text), text.Length];
    }

    /// <summary>The end of the longest part from <paramref name="start"/> on that has at most so many code points.</summary>
    public int EndOfWindow(int start, int limit)
    {
        var (end, last) = (start, start);
        for (var count = 0; count < limit && end < _text.Length; count++)
        {
            end += char.IsHighSurrogate(_text[end]) && end + 1 < _text.Length ? 2 : 1;
            last = _boundaries.Contains(end) ? end : last;
        }

        // A single character with more marks than a part may have is cut inside, but never inside a code point.
        return last > start ? last : end;
    }

    /// <summary>The best cut after <paramref name="start"/> and not after <paramref name="end"/>: the last of the best kind.</summary>
    public (int Cut, Seam Seam) Best(int start, int end)
    {
        foreach (var seam in (Seam[])[Seam.Sentence, Seam.Clause, Seam.Word])
        {
            for (var cut = end; cut > start; cut--)
            {
                if (_boundaries.Contains(cut) && Is(seam, start, cut))
                {
                    return (cut, seam);
                }
            }
        }

        return (end, Seam.None);
    }

    private bool Is(Seam seam, int start, int cut) => seam switch
    {
        Seam.Sentence => EndsSentence(start, cut),
        Seam.Clause => ClauseEnds.Contains(_text[cut - 1]) && (IsWide(_text[cut - 1]) || IsBlankAt(cut)),
        _ => char.IsWhiteSpace(_text[cut - 1]) || IsBlankAt(cut),
    };

    private bool EndsSentence(int start, int cut)
    {
        if (_text[cut - 1] is '\n' or '\u2028' or '\u2029')
        {
            return true;
        }

        var mark = cut - 1;
        while (mark > start && Closers.Contains(_text[mark]))
        {
            mark--;
        }

        if (!SentenceEnds.Contains(_text[mark]))
        {
            return false;
        }

        // Closers and further marks belong to this sentence: "Really?!" is not cut before the last sign.
        if (cut < _text.Length && (SentenceEnds.Contains(_text[cut]) || Closers.Contains(_text[cut])))
        {
            return false;
        }

        return IsWide(_text[mark]) || (IsBlankAt(cut) && !(_text[mark] == '.' && IsAbbreviation(start, mark, cut)));
    }

    // "Dr. Who", "J. R. Smith", "z. B. so", "No. 5": a full stop behind a short word or a letter, or before a small letter, ends nothing.
    private bool IsAbbreviation(int start, int mark, int cut)
    {
        var next = cut;
        while (next < _text.Length && char.IsWhiteSpace(_text[next]))
        {
            next++;
        }

        if (next < _text.Length && char.IsLower(_text[next]))
        {
            return true;
        }

        var first = mark;
        while (first > start && char.IsLetter(_text[first - 1]))
        {
            first--;
        }

        return mark - first == 1 || Abbreviations.All.Contains(_text[first..mark]);
    }

    // Written without blanks, so its punctuation needs none behind it.
    private static bool IsWide(char mark) => mark is '…' or >= '\u3000';

    private bool IsBlankAt(int index) => index >= _text.Length || char.IsWhiteSpace(_text[index]);
}
