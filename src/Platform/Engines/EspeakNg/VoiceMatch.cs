namespace Platform.Engines.EspeakNg;

/// <summary>
/// Finds the settings with which espeak-ng comes nearest to the voice of a recording. It matches the median pitch and the pace and
/// nothing else: a formant synthesiser has no timbre to give away.
/// </summary>
internal sealed class VoiceMatch(EspeakPass pass, ReadableText reader)
{
    private const string Name = "clone";

    // Half-way between the voices of most men and of most women, on a scale of ratios.
    private const double Border = 155;

    private const int Middle = 50;

    /// <summary>
    /// Measured with both variants on English. The setting doubles the base of the pitch in 50 steps, but not the movement above
    /// it, of which the median has a share.
    /// </summary>
    private const double SettingsPerOctave = 77;

    private const int UsualPace = 175;

    /// <summary>A recording this much faster or slower than espeak-ng does not say what its transcript says.</summary>
    private const double LargestRatio = 2.5;

    private static readonly (string Variant, double Pitch) Low = ("m3", 103);
    private static readonly (string Variant, double Pitch) High = ("f2", 199);

    // The pitch of a sentence is known long before its end.
    private static readonly TimeSpan ProbeLength = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan LongestTranscript = TimeSpan.FromSeconds(150);
    private static readonly Pcm Silence = new(default, 24_000);

    /// <summary>The voice for a text. Where the recording has no pitch or pace to go by, the language's own voice gives it.</summary>
    public async Task<EspeakVoice> FindAsync(
        ReferenceAudio reference, EspeakLanguage language, SpeakableText text, CancellationToken cancellation)
    {
        var usual = EspeakVoice.Find(Name, language)!;
        var wanted = MedianPitch.Of(reference.Audio);
        var kind = wanted is null ? (usual.Variant, Pitch: 0) : wanted < Border ? Low : High;
        var probe = await SpeakAsync(language, kind.Variant, (text, ProbeLength), cancellation);
        return new EspeakVoice(
            Name,
            kind.Variant,
            wanted is { } pitch ? SettingFor(pitch / (MedianPitch.Of(probe) ?? kind.Pitch)) : usual.Pitch,
            Middle,
            await FindPaceAsync(reference, probe, cancellation) ?? usual.WordsPerMinute);
    }

    /// <summary>The pitch setting that makes a voice so many times as high as setting 50 does; seeds need some room at both ends.</summary>
    private static int SettingFor(double ratio) =>
        (int)Math.Clamp(Math.Round(Middle + (Math.Log2(ratio) * SettingsPerOctave)), 4, 95);

    private async Task<int?> FindPaceAsync(ReferenceAudio reference, Pcm probe, CancellationToken cancellation)
    {
        var ratio = await RatioByTranscriptAsync(reference, cancellation);
        if (ratio is not (> 1 / LargestRatio and < LargestRatio))
        {
            ratio = SpeakingRate.PeaksPerSecond(reference.Audio) / SpeakingRate.PeaksPerSecond(probe);
        }

        return ratio is { } times
            ? (int)Math.Clamp(Math.Round(UsualPace * times), EspeakEngine.SlowestPace, EspeakEngine.FastestPace)
            : null;
    }

    /// <summary>How many times as fast as espeak-ng the recording says its transcript: exact in any language, if the transcript is.</summary>
    private async Task<double?> RatioByTranscriptAsync(ReferenceAudio reference, CancellationToken cancellation)
    {
        if (reference.Transcript is not { } transcript)
        {
            return null;
        }

        var language = LanguageGuess.Of(transcript);
        if (await reader.OfAsync(transcript, language, cancellation) is not { } text)
        {
            return null;
        }

        var own = SpeakingRate.SpokenLength(await SpeakAsync(language, Low.Variant, (text, LongestTranscript), cancellation));
        var theirs = SpeakingRate.SpokenLength(reference.Audio);
        return own > TimeSpan.Zero && theirs > TimeSpan.Zero ? own / theirs : null;
    }

    /// <summary>Silence when espeak-ng fails: what made it fail will show, with its reason, in the run that is for the customer.</summary>
    private async Task<Pcm> SpeakAsync(
        EspeakLanguage language, string variant, (SpeakableText Text, TimeSpan Limit) what, CancellationToken cancellation)
    {
        var utterance = new Utterance($"{language.Code}+{variant}", new Prosody(Middle, Middle, UsualPace), what.Text);
        var outcome = await pass.RunAsync(utterance, UsualPace, what.Limit, cancellation);
        return outcome.Audio ?? Silence;
    }
}
