namespace Platform.Engines.EspeakNg;

/// <summary>Where the programs are: a name that is looked up on the path, or a path.</summary>
internal sealed record EspeakOptions
{
    public const string Section = "Espeak";

    public string Program { get; init; } = "espeak-ng";

    /// <summary>kakasi, which writes Japanese kanji in kana: espeak-ng reads kana only.</summary>
    public string KanaProgram { get; init; } = "kakasi";
}
