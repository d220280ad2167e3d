using Platform.Media;

namespace Platform.Engines.EspeakNg;

/// <summary>
/// Speech by the espeak-ng program: the engine that needs neither a download nor a GPU. Each request runs in a process
/// of its own, because the library keeps its voice in global state and is under the GPL. The prompt is ignored: a
/// formant synthesiser has no style to direct.
/// </summary>
internal sealed class EspeakEngine : IEngine
{
    /// <summary>The rate of the models that this engine stands in for.</summary>
    private const int OutputRate = 24_000;

    private const double TokensPerSecond = 12.5;

    /// <summary>espeak-ng's own floor; it takes less without a word and speaks at this.</summary>
    internal const int SlowestPace = 80;

    /// <summary>Above this espeak-ng shortens vowels past what is easy to follow; from 450 on it uses libsonic itself.</summary>
    internal const int FastestPace = 350;

    /// <summary>A difference in length that is left alone rather than paid for with a second treatment.</summary>
    private const double LengthTolerance = 0.01;

    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(250);

    private readonly EspeakOptions options;
    private readonly EspeakPass pass;
    private readonly ReadableText reader;
    private readonly VoiceMatch match;

    public EspeakEngine(EspeakOptions options)
    {
        this.options = options;
        pass = new EspeakPass(options.Program);
        reader = new ReadableText(new KanaReader(options.KanaProgram));
        match = new VoiceMatch(pass, reader);
    }

    public string Name => "espeak-ng";

    public string Note =>
        "Spoken by espeak-ng, a formant synthesiser, in place of the model: prompts are ignored, and a cloned voice has the pitch and the "
        + "pace of the recording but not its timbre.";

    public bool IsStandIn => true;

    /// <summary>Only for the models that the settings name: a customer of another model would get a stranger's voice.</summary>
    public bool Serves(string model, string voice) =>
        options.MayStandInFor(model) && EspeakVoice.Find(voice, EspeakLanguage.English) is not null;

    public Task<string?> FindFaultAsync(CancellationToken cancellation) => EspeakFault.FindAsync(options, cancellation);

    public async Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation)
    {
        if (EspeakLanguage.Find(request.Language, request.Text) is not { } language)
        {
            return SpeechOutcome.Failed(EspeakFailures.UnknownLanguage);
        }

        if (EspeakVoice.Find(request.Voice, language) is not { } voice)
        {
            return SpeechOutcome.Failed(EspeakFailures.UnknownVoice);
        }

        if (await reader.OfAsync(request.Text, language, cancellation) is not { } text)
        {
            return SpeechOutcome.Failed(EspeakFailures.Kana);
        }

        if (request.Reference is { } reference)
        {
            voice = await match.FindAsync(reference, language, text, cancellation);
        }

        var utterance = new Utterance($"{language.Code}+{voice.Variant}", Prosody.Of(voice, request.Seed), text);
        var cap = TimeSpan.FromSeconds(request.MaxNewTokens / TokensPerSecond);
        var spoken = await SpeakAtSpeedAsync(utterance, (double)request.Speed, cap, cancellation);
        return spoken.Audio is { } audio
            ? SpeechOutcome.Of(Finish(audio, cap / (double)request.Speed), spoken.Cut)
            : SpeechOutcome.Failed(spoken.Failure!);
    }

    /// <summary>
    /// The length at speed 1 is what the speed and the cap are measured against, and no formula gives it: the pace acts
    /// differently on each language. So another speed costs a second run, and libsonic takes up what espeak-ng missed.
    /// </summary>
    private async Task<PassOutcome> SpeakAtSpeedAsync(Utterance utterance, double speed, TimeSpan cap, CancellationToken cancellation)
    {
        var pace = utterance.Prosody.WordsPerMinute;
        var usual = await pass.RunAsync(utterance, pace, cap, cancellation);
        if (usual.Audio is not { Samples.IsEmpty: false } audio)
        {
            return usual;
        }

        var target = audio.Duration / speed;
        var wanted = (int)Math.Clamp(Math.Round(pace * speed), SlowestPace, FastestPace);
        if (usual.Cut || wanted == pace)
        {
            return usual with { Audio = Fit(audio, target) };
        }

        // At its slowest espeak-ng takes 2.5 times as long; more than that would mean it has gone astray.
        var paced = await pass.RunAsync(utterance, wanted, (4 * audio.Duration) + TimeSpan.FromSeconds(1), cancellation);
        return paced.Audio is null ? paced : paced with { Audio = Fit(paced.Audio, target) };
    }

    private static Pcm Fit(Pcm audio, TimeSpan target)
    {
        var factor = audio.Duration / target;
        return Math.Abs(factor - 1) <= LengthTolerance
            ? audio
            : audio with { Samples = TimeStretch.Stretch(audio.Samples.Span, audio.SampleRate, factor) };
    }

    private static Pcm Finish(Pcm audio, TimeSpan longest)
    {
        // Punctuation alone may give no sample at all; a file must hold some, and a pause is what the text asks for.
        var samples = audio.Samples.IsEmpty
            ? new short[(int)(Silence.TotalSeconds * OutputRate)]
            : Resampler.Resample(audio.Samples.Span, audio.SampleRate, OutputRate);
        var most = (int)Math.Ceiling(longest.TotalSeconds * OutputRate);
        return new Pcm(samples.AsMemory(0, Math.Min(samples.Length, most)), OutputRate);
    }
}
