using Platform.Engines.EspeakNg;
using Platform.Media;

namespace Platform.Engines.OpenAiSpeech;

/// <summary>
/// Speech by a server that answers <c>POST /v1/audio/speech</c>, such as vLLM-Omni on a GPU. It always asks for one WAV at speed 1; the
/// speed, the cap and the format are seen to here, so that all servers give alike.
/// </summary>
internal sealed class OpenAiSpeechEngine : IEngine, IDisposable
{
    public const string KindName = "openai-speech";

    private const int OutputRate = 24_000;
    private const double TokensPerSecond = 12.5;

    /// <summary>Calls for one request: the second and the third only after a generation that lost its end or said nothing.</summary>
    private const int MostTries = 3;

    /// <summary>Below this (of 32,767) nothing is heard.</summary>
    private const int Inaudible = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly SpeechServer _server;
    private readonly SpeechVoices _voices;
    private readonly SpeechBody _body;
    private readonly EngineInstance _instance;
    private readonly SpeechDialect _dialect;
    private readonly string _folder;
    private readonly TimeProvider _time;

    public OpenAiSpeechEngine(string name, EngineInstance instance, string folder, TimeProvider time)
    {
        Name = name;
        (_instance, _folder, _time) = (instance, folder, time);
        _dialect = SpeechNames.DialectOf(instance.Dialect) ?? throw new ArgumentException("There is no such dialect.", nameof(instance));
        _server = new SpeechServer(instance, time);
        _voices = new SpeechVoices(_dialect, instance);
        _body = new SpeechBody(_dialect, instance.Model);
    }

    /// <summary>What settings make this engine.</summary>
    public static IEnumerable<string> FindFaults(EngineInstance instance)
    {
        if (EngineKinds.FindFaultOfUrl(instance) is { } fault)
        {
            yield return fault;
        }

        var dialect = SpeechNames.DialectOf(instance.Dialect);
        if (dialect is null)
        {
            yield return $":Dialect must be one of {SpeechNames.Dialects}";
        }

        if (dialect == SpeechDialect.Plain && instance.Voices.Count == 0)
        {
            yield return ":Voices is missing: say for each voice of the contract which of the server's voices speaks it";
        }

        if (dialect == SpeechDialect.Plain && instance.Model.Length == 0)
        {
            yield return ":Model is missing: give it the model as the server names it";
        }
    }

    public void Dispose() => _server.Dispose();

    public string Name { get; }

    public string? Note => _instance.Voices.Count > 0 ? "Some voices are spoken by voices of another name." : null;

    public bool HasProbe => true;

    public bool Serves(string model, string voice) => _voices.Serves(model, voice);

    public Task<string?> FindFaultAsync(CancellationToken cancellation) => Task.FromResult(MediaFault.FindForEngines());

    public Task<string?> ProbeAsync(CancellationToken cancellation) => _server.ProbeAsync(cancellation);

    public async Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!Serves(request.Model, request.Voice))
        {
            return SpeechOutcome.Failed(SpeechFailures.UnknownVoice);
        }

        if (SpeechNames.TaskOf(request.Model) == SpeechTask.Base && request.Reference is null)
        {
            return SpeechOutcome.Failed(SpeechFailures.NoReference);
        }

        // Without a word to say a model makes up some. A pause is what the text asks for.
        return SpeakableText.Of(request.Text).HasWords
            ? await SpeakWordsAsync(request, cancellation)
            : SpeechOutcome.Of(new Pcm(new short[(int)(Pause.TotalSeconds * OutputRate)], OutputRate));
    }

    private async Task<SpeechOutcome> SpeakWordsAsync(SpeechRequest request, CancellationToken cancellation)
    {
        var voice = _voices.NameFor(request);
        var usage = new EngineUsage { ModelSnapshot = _instance.Model.Length > 0 ? _instance.Model : null };
        var started = _time.GetTimestamp();
        var outcome = SpeechOutcome.Failed(SpeechFailures.Runaway);
        for (var tries = 0; tries < MostTries && IsWorthAnotherSeed(outcome); tries++)
        {
            var body = _body.Render(request, voice, tries == 0 ? request.Seed : Runaway.SeedOf(request.Seed, tries));
            (outcome, usage) = await TryAsync(request, body, usage with { Retries = tries }, started, cancellation);
        }

        return outcome with { Usage = usage };
    }

    private static bool IsWorthAnotherSeed(SpeechOutcome outcome) =>
        outcome.Failure == SpeechFailures.Runaway || outcome.Failure == SpeechFailures.Silent;

    private async Task<(SpeechOutcome Outcome, EngineUsage Usage)> TryAsync(
        SpeechRequest request, ReadOnlyMemory<byte> body, EngineUsage usage, long started, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _server.PostAsync(body, cancellation);
            if (await _server.FailureOfAsync(answer, cancellation) is { } refusal)
            {
                return (SpeechOutcome.Failed(refusal), usage);
            }

            var heard = new SpeechAnswer(answer);
            usage = usage with { ProviderRequestId = heard.RequestId, OutputTokens = (usage.OutputTokens ?? 0) + heard.OutputTokens };
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
            var wave = new WaveBody(stream, SpeechServer.Patience, _time);
            if (!await wave.ReadHeaderAsync(cancellation))
            {
                return (SpeechOutcome.Failed(SpeechFailures.NotAudio), usage);
            }

            usage = usage with { FirstAudio = _time.GetElapsedTime(started, wave.FirstBytes ?? started) };
            return (await HearAsync(request, wave, heard, cancellation), usage);
        }
        catch (Exception fault) when (SpeechServer.FailureOf(fault) is { } failure)
        {
            return (SpeechOutcome.Failed(failure), usage);
        }
    }

    private async Task<SpeechOutcome> HearAsync(SpeechRequest request, WaveBody wave, SpeechAnswer heard, CancellationToken cancellation)
    {
        var cap = TimeSpan.FromSeconds(request.MaxNewTokens / TokensPerSecond);
        using var spool = new PacedSpool(wave.Format.Rate, request.Speed, _folder);
        var ended = await wave.ReadSamplesAsync(spool, (long)(cap.TotalSeconds * wave.Format.Rate), cancellation);
        var capHit = !ended || heard.SaysCapHit(request.MaxNewTokens) || spool.Duration > cap - SpeechAnswer.Frame;
        return spool.Peak < Inaudible ? SpeechOutcome.Failed(SpeechFailures.Silent)
            : capHit && Runaway.Is(request.Text, spool.Duration) ? SpeechOutcome.Failed(SpeechFailures.Runaway)
            : SpeechOutcome.Of(spool.ToPcm(), capHit);
    }
}
