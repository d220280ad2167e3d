namespace Platform.Engines.EspeakNg;

/// <summary>One of the model's languages as espeak-ng knows it.</summary>
/// <param name="Name">The English name in the contract.</param>
/// <param name="Code">espeak-ng's voice code.</param>
/// <param name="AutoVoice">Who speaks when the customer leaves the voice open: the voice whose first language it is, else Aiden.</param>
internal sealed record EspeakLanguage(string Name, string Code, string AutoVoice)
{
    // Plain `cmn` reads pinyin that it made itself as if it were English; this one reads it as pinyin.
    public static readonly EspeakLanguage Chinese = new("Chinese", "cmn-latn-pinyin", "vivian");
    public static readonly EspeakLanguage English = new("English", "en-us", "ryan");
    public static readonly EspeakLanguage Japanese = new("Japanese", "ja", "ono_anna");
    public static readonly EspeakLanguage Korean = new("Korean", "ko", "sohee");
    public static readonly EspeakLanguage German = new("German", "de", "aiden");
    public static readonly EspeakLanguage French = new("French", "fr-fr", "aiden");
    public static readonly EspeakLanguage Russian = new("Russian", "ru", "aiden");
    public static readonly EspeakLanguage Portuguese = new("Portuguese", "pt-br", "aiden");
    public static readonly EspeakLanguage Spanish = new("Spanish", "es", "aiden");
    public static readonly EspeakLanguage Italian = new("Italian", "it", "aiden");

    public static readonly IReadOnlyList<EspeakLanguage> All =
        [Chinese, English, Japanese, Korean, German, French, Russian, Portuguese, Spanish, Italian];

    /// <summary>The language of that name, or the one that the text looks like for <c>Auto</c>; null when there is none.</summary>
    public static EspeakLanguage? Find(string name, string text) => string.Equals(name, "Auto", StringComparison.Ordinal)
        ? LanguageGuess.Of(text)
        : All.FirstOrDefault(language => string.Equals(language.Name, name, StringComparison.Ordinal));
}
