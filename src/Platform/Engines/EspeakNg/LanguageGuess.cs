using System.Text.RegularExpressions;

namespace Platform.Engines.EspeakNg;

/// <summary>
/// Guesses which of the ten languages a text is in. The script with the most letters decides; kana anywhere among the
/// Han makes it Japanese; Latin script goes to the language with the most of its common words and its letters, English
/// on a draw or without a vote.
/// </summary>
internal static partial class LanguageGuess
{
    /// <summary>A letter that at most two of the six use is better evidence than one short word.</summary>
    private const int OwnLetterVotes = 2;

    // English first: the first of equals wins.
    private static readonly (EspeakLanguage Language, string Letters, HashSet<string> Words)[] Latin =
    [
        (EspeakLanguage.English, "",
            Words("the and is are was you of to in that it for with this have not be on at we they what my your")),
        (EspeakLanguage.German, "äöüß",
            Words("der die das und ist nicht ein eine ich du wir sie es mit zu auf den dem von für sind war wie auch im")),
        (EspeakLanguage.French, "œêîûëèùç",
            Words("le la les des et est un une je tu nous vous il elle pas que qui dans pour avec sur du ce au ne en")),
        (EspeakLanguage.Portuguese, "ãõâçê",
            Words("o a os as e é um uma eu você nós não que em do da dos das com para por no na mas muito ao")),
        (EspeakLanguage.Spanish, "ñ¿¡",
            Words("el la los las y es un una yo tú nosotros no que en del de con para por se lo su muy está como al")),
        (EspeakLanguage.Italian, "òìèù",
            Words("il lo la gli le e è un una io tu noi non che in del della di con per si sono molto ma ciao alla")),
    ];

    public static EspeakLanguage Of(string text)
    {
        int han = 0, kana = 0, hangul = 0, cyrillic = 0, latin = 0;
        foreach (var letter in text)
        {
            _ = letter switch
            {
                >= '\u3041' and <= '\u30FF' or >= '\uFF66' and <= '\uFF9D' => kana++,
                >= '\u3400' and <= '\u9FFF' or '\u3005' or '\u3007' => han++,
                >= '\uAC00' and <= '\uD7A3' or >= '\u1100' and <= '\u11FF' or >= '\u3131' and <= '\u318E' => hangul++,
                >= '\u0400' and <= '\u04FF' => cyrillic++,
                _ when char.IsLetter(letter) => latin++,
                _ => 0,
            };
        }

        // A Han character or a kana stands for a syllable or more, a Latin or Cyrillic letter for much less.
        var eastern = 2 * (han + kana);
        hangul *= 2;
        var most = Math.Max(Math.Max(eastern, hangul), Math.Max(cyrillic, latin));
        return most switch
        {
            0 => EspeakLanguage.English,
            _ when most == eastern => kana > 0 ? EspeakLanguage.Japanese : EspeakLanguage.Chinese,
            _ when most == hangul => EspeakLanguage.Korean,
            _ when most == cyrillic => EspeakLanguage.Russian,
            _ => OfLatin(text),
        };
    }

    private static EspeakLanguage OfLatin(string text)
    {
        var lower = text.ToLowerInvariant();
        var words = Word().Matches(lower).Select(match => match.Value).ToList();
        return Latin
            .Select(candidate => (candidate.Language, Votes: words.Count(candidate.Words.Contains)
                + (OwnLetterVotes * lower.Count(letter => candidate.Letters.Contains(letter, StringComparison.Ordinal)))))
            .MaxBy(candidate => candidate.Votes)
            .Language;
    }

    private static HashSet<string> Words(string list) => list.Split(' ').ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"\p{L}+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
