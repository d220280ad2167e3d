using Platform.Engines.LongText;
using Platform.Media;

namespace Platform.Engines.DashScope;

/// <summary>Speech by a managed provider: Qwen3-TTS Flash, CosyVoice and MiniMax behind one account and one region.</summary>
internal sealed partial class DashScopeEngine : IEngine
{
    private const double TokensPerSecond = 12.5;

    private readonly EngineInstance _instance;
    private readonly DashScopeOptions _options;
    private readonly ProviderVoices _voices;
    private readonly DashScopeClient _client;
    private readonly FetchAudio _fetch;
    private readonly DashScopeVoices _making;
    private readonly ILogger<DashScopeEngine> _log;

    public DashScopeEngine(
        string name, EngineInstance instance, DashScopeOptions options, ProviderVoices voices, (HttpClient Http, ILogger<DashScopeEngine> Log) means)
    {
        Name = name;
        _instance = instance;
        _options = options;
        _voices = voices;
        _client = new DashScopeClient(means.Http, instance, options);
        _fetch = new FetchAudio(means.Http, options);
        _making = new DashScopeVoices(_client, name);
        _log = means.Log;
    }

    public string Name { get; }

    public bool ShowsOnlyInCalls => true;

    public string? Note => _instance.Serves.Contains(DashScopeModels.NamesakesOf, StringComparer.Ordinal)
        ? "Voices of the open model are spoken by the provider's voices of the same names; prompts are ignored."
        : null;

    public bool Serves(string model, string voice) =>
        DashScopeModels.Find(model) is { } found
        && (_instance.Serves.Count > 0 ? _instance.Serves.Contains(model, StringComparer.Ordinal) : model != DashScopeModels.NamesakesOf)
        && found.Regions.Contains(_instance.Region, StringComparer.Ordinal)
        && (OwnVoice.IsOne(voice, Name) ? found.CloneTarget is not null : SpellingOf(model, found, voice) is not null);

    public VoiceMaking? Voices => new(_making.MakeAsync, _making.DeleteAsync, _making.ListAsync);

    /// <summary>Nothing can be said without a call, and what a call would say may have changed by the next one.</summary>
    public Task<string?> FindFaultAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    public async Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation)
    {
        if (DashScopeModels.Find(request.Model) is not { } model
            || (request.OwnVoice?.Name ?? SpellingOf(request.Model, model, request.Voice)) is not { } voice)
        {
            return SpeechOutcome.Failed(EngineFailure.Of(
                FailureKind.Rejected, "start", "noVoice", "The speech provider has no such voice for this model."));
        }

        if (!SplitText.HasWords(request.Text))
        {
            return SpeechOutcome.Of(Pause());
        }

        var snapshot = request.OwnVoice?.TargetModel ?? SnapshotOf(request.Model, model);
        var parts = new List<(Pcm Audio, Seam End)>();
        var usage = new EngineUsage { ModelSnapshot = snapshot };
        foreach (var part in SplitText.Run(request.Text, model.MostCharacters).Where(static part => SplitText.HasWords(part.Text)))
        {
            var call = DashScopeRequest.Of(_options, model.Family, snapshot, voice, PromptFor(model, request) with { Text = part.Text });
            var (audio, failure, told) = await SpeakPartAsync(call, cancellation);
            usage = Sum(usage, told);
            if (failure is not null)
            {
                return SpeechOutcome.Failed(failure) with { Usage = usage };
            }

            parts.Add((audio!, part.End));
        }

        var (whole, isCut) = Capped(JoinSpeech.Run(parts), request.MaxNewTokens);
        return SpeechOutcome.Of(AtPace(whole, request.Speed), isCut) with { Usage = usage };
    }

    // One more try for a part that broke, since the parts before it are made and paid for; everything else is the pool's to decide.
    private async Task<(Pcm? Audio, EngineFailure? Failure, EngineUsage Usage)> SpeakPartAsync(DashScopeRequest call, CancellationToken cancellation)
    {
        var (audio, failure, usage) = await AskAsync(call, cancellation);
        if (failure is not { Kind: FailureKind.Broken })
        {
            return (audio, failure, usage);
        }

        var (again, stillFailing, more) = await AskAsync(call, cancellation);
        return (again, stillFailing, Sum(usage, more) with { Retries = 1 });
    }

    private async Task<(Pcm? Audio, EngineFailure? Failure, EngineUsage Usage)> AskAsync(DashScopeRequest call, CancellationToken cancellation)
    {
        var answer = await _client.SendAsync(call, cancellation);
        var usage = new EngineUsage
        {
            ProviderRequestId = answer.RequestId,
            BilledCharacters = answer.Reply?.Characters,
            OutputTokens = answer.Reply?.OutputTokens,
            FirstAudio = answer.Reply?.FirstAudio,
        };
        if (answer.Reply is not { } reply)
        {
            if (answer.Alert)
            {
                LogAlert(_log, Name, answer.Failure!.Code, answer.RequestId ?? "");
            }

            return (null, answer.Failure, usage);
        }

        var (bytes, isRaw) = (reply.Audio, call.IsStream);
        if (bytes is null && reply.AudioUrl is { } url)
        {
            (bytes, var failure) = await _fetch.RunAsync(url, cancellation);
            isRaw = false;
            if (failure is not null)
            {
                return (null, failure, usage);
            }
        }

        return bytes is not null && DashScopeAudio.Decode(bytes, isRaw) is { } audio
            ? (audio, null, usage)
            : (null, EngineFailure.Of(FailureKind.Broken, "read", "noAudio", "The speech provider's answer holds no audio that can be read."), usage);
    }

    private string SnapshotOf(string air, DashScopeModel model) =>
        _options.FindSnapshot(air) is { } snapshot ? snapshot
        : _instance.Model.StartsWith(model.Name, StringComparison.Ordinal) ? _instance.Model
        : model.Name;

    private string? SpellingOf(string air, DashScopeModel model, string voice)
    {
        var spelling = _instance.Voices.Count == 0 ? _voices.Find(air, voice) : _instance.Voices.TryGetValue(voice, out var named) ? named : null;
        return spelling is not null && DashScopeModels.HasVoice(SnapshotOf(air, model), spelling) ? spelling : null;
    }

    // A clone or a design of Qwen's takes no instructions, and neither do the namesakes: sent along they would be refused.
    private static SpeechRequest PromptFor(DashScopeModel model, SpeechRequest request) =>
        model.TakesPrompt ? request : request with { Prompt = null };

    // The provider knows no cap; a customer who set one gets no more than it for all that.
    private static (Pcm Audio, bool IsCut) Capped(Pcm audio, int tokens)
    {
        var most = (long)(tokens / TokensPerSecond * audio.SampleRate);
        return audio.Samples.Length <= most ? (audio, false) : (audio with { Samples = audio.Samples[..(int)most] }, true);
    }

    private static Pcm AtPace(Pcm audio, decimal speed) =>
        speed == 1 ? audio : audio with { Samples = TimeStretch.Stretch(audio.Samples.Span, audio.SampleRate, (double)speed) };

    private static Pcm Pause() => new(new short[DashScopeAudio.Rate / 4], DashScopeAudio.Rate);

    private static EngineUsage Sum(EngineUsage one, EngineUsage other) => one with
    {
        ProviderRequestId = one.ProviderRequestId is null || other.ProviderRequestId is null
            ? one.ProviderRequestId ?? other.ProviderRequestId
            : $"{one.ProviderRequestId} {other.ProviderRequestId}",
        BilledCharacters = Sum(one.BilledCharacters, other.BilledCharacters),
        OutputTokens = Sum(one.OutputTokens, other.OutputTokens),
        FirstAudio = one.FirstAudio ?? other.FirstAudio,
        Retries = one.Retries + other.Retries,
    };

    private static long? Sum(long? one, long? other) => one is null ? other : one + (other ?? 0);

    [LoggerMessage(
        EventId = 4751,
        Level = LogLevel.Error,
        Message = "Engine {Engine}: the provider refuses until the operator acts: {Code} (request {RequestId})")]
    private static partial void LogAlert(ILogger log, string engine, string code, string requestId);
}
