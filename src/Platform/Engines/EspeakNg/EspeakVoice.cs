namespace Platform.Engines.EspeakNg;

/// <summary>One of the model's voices as espeak-ng settings.</summary>
/// <param name="Name">The name in the contract.</param>
/// <param name="Variant">A file of espeak-ng's <c>voices/!v</c>: the timbre.</param>
/// <param name="Pitch">espeak-ng's 0 to 99.</param>
/// <param name="Range">How far the pitch moves, 0 to 99: 50 is the variant's own.</param>
/// <param name="WordsPerMinute">The pace at speed 1.</param>
internal sealed record EspeakVoice(string Name, string Variant, int Pitch, int Range, int WordsPerMinute)
{
    /// <summary>
    /// Neighbours in pitch are at least 10 % apart, which is more than a seed's detuning takes; the measured
    /// figures stand in this slice's README.
    /// </summary>
    public static readonly IReadOnlyList<EspeakVoice> All =
    [
        new("vivian", "f5", 60, 60, 178),
        new("serena", "f1", 46, 45, 168),
        new("uncle_fu", "m7", 12, 40, 158),
        new("dylan", "m3", 50, 50, 178),
        new("eric", "m5", 66, 60, 182),
        new("ryan", "m1", 42, 75, 184),
        new("aiden", "m2", 82, 55, 176),
        new("ono_anna", "f3", 72, 65, 180),
        new("sohee", "f2", 52, 70, 170),
    ];

    /// <summary>
    /// The voice of that name, or the language's own one for <c>auto</c>, and for <c>clone</c> where there is nothing to clone; null
    /// when there is none. Never a stand-in.
    /// </summary>
    public static EspeakVoice? Find(string name, EspeakLanguage language)
    {
        var wanted = name is "auto" or "clone" ? language.AutoVoice : name;
        return All.FirstOrDefault(voice => string.Equals(voice.Name, wanted, StringComparison.Ordinal));
    }
}
