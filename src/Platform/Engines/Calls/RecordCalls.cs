using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace Platform.Engines.Calls;

/// <summary>
/// Writes down each call: one line in the log, and a row for finance through <see cref="StoreCalls"/>. Calls of the engines that need no
/// settings cost nothing and are only logged where somebody listens for it.
/// </summary>
internal sealed partial class RecordCalls(IOptions<EnginesOptions> options, TimeProvider time, ILogger<RecordCalls> log)
{
    /// <summary>Rows that wait for the database; in an outage that fills it the newest are dropped, and with them only a report.</summary>
    private const int MostWaiting = 20_000;

    private readonly Channel<EngineCall> _waiting = Channel.CreateBounded<EngineCall>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Calls that are still to be stored.</summary>
    public ChannelReader<EngineCall> Waiting => _waiting.Reader;

    /// <param name="engine">The instance's name.</param>
    /// <param name="started">The timestamp of the call's beginning.</param>
    public void Record(string pool, string engine, SpeechRequest request, SpeechOutcome outcome, long started)
    {
        var instance = options.Value.Instances.TryGetValue(engine, out var named) ? named : null;
        if (instance is null && !log.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        var call = CallOf(request, outcome, instance) with { Pool = pool, Engine = engine, Total = time.GetElapsedTime(started) };
        LogCall(
            log, instance is null ? LogLevel.Debug : LogLevel.Information, call.Engine, call.Outcome, call.Origin?.TaskId, call.Origin?.Index, pool, call.Model,
            call.Snapshot, call.Voice, call.Language, call.Characters, Convert.ToHexStringLower(call.InputHash), call.FirstAudio?.TotalMilliseconds,
            call.Total.TotalMilliseconds, call.Audio.TotalSeconds, call.RealTimeFactor, call.CapHit, call.Retries, call.ProviderRequestId, call.Cost);
        if (instance is not null)
        {
            EngineMetrics.Cost(pool, engine, call.Cost);
            _waiting.Writer.TryWrite(call);
        }
    }

    private EngineCall CallOf(SpeechRequest request, SpeechOutcome outcome, EngineInstance? instance)
    {
        var characters = request.Text.EnumerateRunes().Count();
        return new EngineCall
        {
            At = time.GetUtcNow(),
            Pool = "",
            Engine = "",
            Origin = request.Origin,
            Model = request.Model,
            Snapshot = outcome.Usage.ModelSnapshot,
            Voice = request.Voice,
            Language = request.Language,
            Characters = characters,
            InputHash = EngineCall.HashOf(request.Text),
            FirstAudio = outcome.Usage.FirstAudio,
            Total = default,
            Audio = outcome.Audio?.Duration ?? TimeSpan.Zero,
            CapHit = outcome.CapHit,
            Retries = outcome.Usage.Retries,
            ProviderRequestId = outcome.Usage.ProviderRequestId,
            Cost = instance is null ? 0 : EngineCall.CostOf(instance, characters, outcome),
            Outcome = outcome.Failure?.Code ?? "ok",
        };
    }

    [LoggerMessage(
        EventId = 6110,
        Message = "Engine {Engine} gave {Outcome} for result {Index} of task {TaskId} in pool {Pool}: model {Model} ({Snapshot}), voice {Voice}, "
            + "language {Language}, {Characters} characters ({InputHash}), first audio {FirstAudio:F0} ms, total {Total:F0} ms, audio {Audio:F2} s, "
            + "real-time factor {RealTimeFactor:F3}, cap hit {CapHit}, retries {Retries}, request {RequestId}, cost {Cost} micro-USD")]
    private static partial void LogCall(
        ILogger log, LogLevel level, string engine, string outcome, Guid? taskId, short? index, string pool, string model, string? snapshot, string voice,
        string language, int characters, string inputHash, double? firstAudio, double total, double audio, double realTimeFactor, bool capHit,
        int retries, string? requestId, long cost);
}
