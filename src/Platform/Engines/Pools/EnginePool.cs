using Platform.Engines.Calls;

namespace Platform.Engines.Pools;

/// <summary>The engines of one pool in their order: the first that takes work and has the voice speaks.</summary>
internal sealed class EnginePool(string name, IReadOnlyList<EngineLine> lines, RecordCalls calls, TimeProvider time)
{
    /// <summary>How long a claimed task waits in its slot for a place, rather than going back to the pool.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public string Name => name;

    public IReadOnlyList<EngineLine> Lines => lines;

    /// <summary>Results that could begin now: what a worker may claim. 0 while no engine takes work.</summary>
    public int Room
    {
        get
        {
            var room = 0L;
            foreach (var line in lines)
            {
                room += line.Room;
            }

            return (int)Math.Min(room, int.MaxValue);
        }
    }

    /// <summary>Speaks with the first engine that can; what an absent one cannot do goes on to the next.</summary>
    public async Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation)
    {
        SpeechOutcome? absence = null;
        EngineLine? full = null;
        var isServed = false;
        foreach (var line in lines)
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
        var started = time.GetTimestamp();
        var outcome = await line.SpeakAsync(request, cancellation);
        calls.Record(name, line.Engine.Name, request, outcome, started);
        return outcome;
    }

    private TimeSpan LeastPause() => lines.Min(static line => line.Pause);
}
