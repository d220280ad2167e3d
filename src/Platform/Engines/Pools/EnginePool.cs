using System.Diagnostics;
using Platform.Engines.Calls;
using Platform.Telemetry;

namespace Platform.Engines.Pools;

/// <summary>The engines of one pool in their order: the first that takes work and has the voice speaks.</summary>
internal sealed class EnginePool
{
    /// <summary>How long a claimed task waits in its slot for a place, rather than going back to the pool.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly RecordCalls _calls;
    private readonly TimeProvider _time;

    public EnginePool(string name, IReadOnlyList<EngineLine> lines, RecordCalls calls, TimeProvider time)
    {
        (Name, Lines, _calls, _time) = (name, lines, calls, time);
    }

    public string Name { get; }

    public IReadOnlyList<EngineLine> Lines { get; }

    /// <summary>Results that could begin now: what a worker may claim. 0 while no engine takes work.</summary>
    public int Room
    {
        get
        {
            var room = 0L;
            foreach (var line in Lines)
            {
                room += line.Room;
            }

            return (int)Math.Min(room, int.MaxValue);
        }
    }

    /// <summary>
    /// Shows from now on whether its engines are left alone. For a worker: whoever only checks requests by a pool never asks its engines, and knows
    /// nothing of how they are.
    /// </summary>
    public void ShowCircuits()
    {
        foreach (var line in Lines)
        {
            EngineMetrics.WatchCircuit(Name, line.Engine.Name, () => line.IsDoubted);
        }
    }

    /// <summary>Speaks with the first engine that can; what an absent one cannot do goes on to the next.</summary>
    public async Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation)
    {
        SpeechOutcome? absence = null;
        EngineLine? full = null;
        var isServed = false;
        foreach (var line in Lines)
        {
            if (!line.Engine.Serves(request.Model, request.Voice))
            {
                continue;
            }

            isServed = true;
            if (!line.TryEnter())
            {
                full ??= line.IsOpen ? line : null;
                continue;
            }

            var outcome = await CallAsync(line, request, cancellation);
            if (outcome.Failure is not { IsAbsence: true })
            {
                return outcome;
            }

            absence = outcome;
        }

        return full is not null && await full.EnterAsync(Patience, cancellation)
            ? await CallAsync(full, request, cancellation)
            : absence ?? SpeechOutcome.Failed(isServed ? EngineFailures.NobodyFree(LeastPause()) : EngineFailures.NobodyServes);
    }

    private async Task<SpeechOutcome> CallAsync(EngineLine line, SpeechRequest request, CancellationToken cancellation)
    {
        using var span = Traces.Source.StartActivity("engine.speak", ActivityKind.Client);
        span?.SetTag("platform.engine", line.Engine.Name);
        var started = _time.GetTimestamp();
        var outcome = await line.SpeakAsync(request, cancellation);
        _calls.Record(Name, line.Engine.Name, request, outcome, started);
        EngineMetrics.Spoke(Name, line.Engine.Name, outcome, _time.GetElapsedTime(started));
        if (!outcome.Succeeded)
        {
            span.Fail(outcome.Failure.Code);
        }

        return outcome;
    }

    private TimeSpan LeastPause() => Lines.Min(static line => line.Pause);
}
