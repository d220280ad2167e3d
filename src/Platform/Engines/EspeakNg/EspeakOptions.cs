namespace Platform.Engines.EspeakNg;

/// <summary>Where the programs are (a name that is looked up on the path, or a path), and what they stand in for.</summary>
internal sealed record EspeakOptions
{
    public const string Section = "Espeak";

    public string Program { get; init; } = "espeak-ng";

    /// <summary>kakasi, which writes Japanese kanji in kana: espeak-ng reads kana only.</summary>
    public string KanaProgram { get; init; } = "kakasi";

    /// <summary>
    /// The models (AIRs) that espeak-ng stands in for, as its note says. Empty: the two that a small machine is tried out with. A customer of any
    /// other model would get a stranger's voice, so that it is not served at all.
    /// </summary>
    public IList<string> StandsInFor { get; } = [];

    public bool MayStandInFor(string model) => (StandsInFor.Count > 0 ? StandsInFor : Usual).Contains(model);

    private static readonly string[] Usual = ["alibaba:qwen@3-tts-1.7b-base", "alibaba:qwen@3-tts-1.7b-customvoice"];
}
