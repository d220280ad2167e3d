using System.Text;

namespace Platform.Engines.EspeakNg;

/// <summary>
/// Writes Japanese in kana by kakasi, word by word, because espeak-ng reads no kanji. Only characters that kakasi's own
/// table (JIS X 0208) holds are given to it: for any other it prints what happens to lie in its memory.
/// </summary>
internal sealed class KanaReader(string program)
{
    private const int BytesPerKanjiAtMost = 32;

    // Windows code page 51932 is EUC-JP; kakasi's UTF-8 mode converts to it and is the part that goes wrong.
    private static readonly Encoding EucJp = CodePagesEncodingProvider.Instance.GetEncoding(
        51932, new EncoderReplacementFallback(""), new DecoderReplacementFallback(""))!;

    /// <summary>The text in kana, or null when kakasi could not be run or gave something else back.</summary>
    public async Task<string?> ReadAsync(string text, CancellationToken cancellation)
    {
        var runs = FindRuns(text);
        if (runs.Count == 0)
        {
            return text;
        }

        var input = EucJp.GetBytes(string.Concat(runs.Select(run => Spell(text, run) + "\n")));
        var command = new ChildCommand(
            program, ["-i", "euc", "-o", "euc", "-JH", "-KH", "-s"], input, 1024 + (BytesPerKanjiAtMost * input.Length));
        var outcome = await ChildProgram.RunAsync(command, cancellation);
        if (outcome.ExitCode != 0 || outcome.LimitHit)
        {
            return null;
        }

        var lines = EucJp.GetString(outcome.Output.Span).TrimEnd('\n').Split('\n');
        return lines.Length == runs.Count ? Join(text, runs, lines) : null;
    }

    private static List<Range> FindRuns(string text)
    {
        var runs = new List<Range>();
        for (var start = 0; start < text.Length; start++)
        {
            var end = start;
            while (end < text.Length && IsJapanese(text[end]))
            {
                end++;
            }

            if (end > start)
            {
                runs.Add(start..end);
                start = end;
            }
        }

        return runs;
    }

    private static bool IsJapanese(char character)
    {
        if (character is not ((>= '\u3041' and <= '\u30FE') or (>= '\u4E00' and <= '\u9FFF') or '\u3005' or '\u3007'))
        {
            return false;
        }

        // Rows 4 and 5 are kana, 16 to 84 kanji, row 1 has the repetition and length marks; higher rows are vendors' additions.
        Span<byte> bytes = stackalloc byte[4];
        return EucJp.GetBytes([character], bytes) == 2 && bytes[0] is 0xA1 or 0xA4 or 0xA5 or (>= 0xB0 and <= 0xF4);
    }

    /// <summary>kakasi takes the counter of hours after a digit for the word "time".</summary>
    private static string Spell(string text, Range run)
    {
        var spelled = text[run];
        var isHour = run.Start.Value > 0 && char.IsDigit(text[run.Start.Value - 1])
            && spelled[0] == '時' && !spelled.StartsWith("時間", StringComparison.Ordinal);
        return isHour ? "じ" + spelled[1..] : spelled;
    }

    private static string Join(string text, List<Range> runs, string[] lines)
    {
        var joined = new StringBuilder(text.Length * 2);
        var copied = 0;
        for (var i = 0; i < runs.Count; i++)
        {
            joined.Append(text, copied, runs[i].Start.Value - copied);
            joined.AppendJoin(' ', lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Pronounce));
            copied = runs[i].End.Value;
        }

        return joined.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>The two particles that are not spoken as they are written; as words of their own they are nothing else.</summary>
    private static string Pronounce(string word) => word switch
    {
        "は" => "わ",
        "へ" => "え",
        _ => word,
    };
}
