using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Engines;

/// <summary>How engines do, for whichever engine it is.</summary>
internal static class EngineMetrics
{
    private static readonly Histogram<double> Durations = Meters.Durations(
        "platform.engine.duration", "One result's time in its engine.");

    private static readonly Histogram<double> RealTime = Meters.Ratios(
        "platform.engine.real_time_factor", "Engine time for each second of speech; under 1 it speaks faster than it is heard.");

    private static readonly Counter<double> Audio = Meters.SecondsCounter("platform.engine.audio", "Seconds of speech that engines gave.");

    private static readonly Counter<long> Failures = Meters.Counter(
        "platform.engine.failures", "{failure}", "Results that an engine did not give, by the engine's own code.");

    private static readonly Histogram<double> FirstAudio = Meters.Durations(
        "platform.engine.first_audio", "From the call to the first bytes of audio, where the engine tells.");

    private static readonly Counter<long> Retries = Meters.Counter(
        "platform.engine.retries", "{call}", "Calls that an engine made again by itself, such as with another seed.");

    private static readonly Counter<long> CapHits = Meters.Counter(
        "platform.engine.cap_hits", "{result}", "Results that stop at the customer's cap and not at the end of the text.");

    private static readonly Counter<long> Costs = Meters.Counter(
        "platform.engine.cost", "{micro_usd}", "What calls cost us, by the settings of their engine.");

    private static readonly ConcurrentDictionary<(string Pool, string Engine), Func<bool>> Circuits = new();

    private static readonly Meter Gauges = MakeGauges();

    public static void Spoke(string pool, string engine, SpeechOutcome outcome, TimeSpan elapsed)
    {
        KeyValuePair<string, object?> inPool = new("pool", pool), byEngine = new("engine", engine);
        Durations.Record(elapsed.TotalSeconds, inPool, byEngine, new("outcome", outcome.Succeeded ? "succeeded" : "failed"));
        if (outcome.Usage.FirstAudio is { } first)
        {
            FirstAudio.Record(first.TotalSeconds, inPool, byEngine);
        }

        if (outcome.Usage.Retries > 0)
        {
            Retries.Add(outcome.Usage.Retries, inPool, byEngine);
        }

        if (outcome.CapHit)
        {
            CapHits.Add(1, inPool, byEngine);
        }

        if (outcome.Succeeded)
        {
            var seconds = outcome.Audio.Duration.TotalSeconds;
            Audio.Add(seconds, inPool, byEngine);
            if (seconds > 0)
            {
                RealTime.Record(elapsed.TotalSeconds / seconds, inPool, byEngine);
            }
        }
        else
        {
            Failures.Add(1, inPool, byEngine, new("stage", outcome.Failure.Stage), new("code", outcome.Failure.Code));
        }
    }

    /// <param name="cost">In micro-USD.</param>
    public static void Cost(string pool, string engine, long cost) => Costs.Add(cost, new("pool", pool), new KeyValuePair<string, object?>("engine", engine));

    /// <summary>
    /// An engine that went away, or fails too often, is left alone for a while and tried with one result before it is trusted; alerts look at this.
    /// </summary>
    public static void WatchCircuit(string pool, string engine, Func<bool> isDoubted) => Circuits[(pool, engine)] = isDoubted;

    private static Meter MakeGauges()
    {
        var meter = Meters.OfHost();
        meter.CreateObservableGauge(
            "platform.engine.circuit_open",
            static () => Circuits.Select(static one => new Measurement<long>(
                one.Value() ? 1 : 0, new("pool", one.Key.Pool), new KeyValuePair<string, object?>("engine", one.Key.Engine))),
            unit: null,
            "1 while an engine is left alone after too many failures, or is being tried again.");
        return meter;
    }
}
