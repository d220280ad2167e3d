using System.Text;

namespace Platform.Engines.OpenAiSpeech;

/// <summary>
/// Tells a generation that lost its end from a text that is simply long. Roughly one in 250 generations of the Base checkpoints never ends
/// (vLLM-Omni PR 6728, SGLang-Omni #1179), and short texts do it on CustomVoice as well (vLLM-Omni #4576).
/// </summary>
internal static class Runaway
{
    private const double Slack = 10;
    private const double SecondsPerLetter = 0.25;

    /// <summary>A digit is a word, and a sign of these scripts a syllable or two.</summary>
    private const double SecondsPerSign = 1;

    /// <summary>Another seed for the next try at a request, the same one whenever the same request is made.</summary>
    public static long SeedOf(long seed, int tries) => (seed + (tries * 1_000_003L)) & int.MaxValue;

    /// <summary>Whether nobody would speak this text for so long, several times as slowly as usual.</summary>
    public static bool Is(string text, TimeSpan length)
    {
        var longest = Slack;
        foreach (var rune in text.EnumerateRunes())
        {
            longest += !Rune.IsLetterOrDigit(rune) ? 0 : Rune.IsDigit(rune) || rune.Value >= 0x1100 ? SecondsPerSign : SecondsPerLetter;
        }

        return length.TotalSeconds > longest;
    }
}
