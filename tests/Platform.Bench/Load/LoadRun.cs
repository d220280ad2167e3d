using System.Diagnostics;

namespace Platform.Bench.Load;

/// <summary>Runs one load plan on the calling thread: sends, receives, counts.</summary>
internal sealed class LoadRun : IDisposable
{
    private const int FaultsKept = 5;
    private readonly LoadPlan plan;
    private readonly LoadClock clock;
    private readonly Epoll epoll = new();
    private readonly List<LoadConnection> connections;
    private readonly Stack<int> idle = new();
    private readonly Queue<long> waiting = new();
    private readonly Latencies latencies = new();
    private readonly List<string> faults = [];
    private readonly long[] perWindow;
    private long sent;
    private long answered;
    private long failed;
    private long due;
    private int closed;

    private LoadRun(LoadPlan plan)
    {
        this.plan = plan;
        perWindow = new long[plan.Windows];
        connections = [.. Enumerable.Range(0, plan.Connections).Select(_ => new LoadConnection(plan.Server, plan.Template))];
        for (var i = 0; i < connections.Count; i++)
        {
            epoll.Add(connections[i].Handle, i);
            idle.Push(i);
        }

        clock = new LoadClock(plan, Stopwatch.GetTimestamp());
    }

    /// <summary>
    /// Runs the plan to its end on a thread of its own. Cancelling stops the sending and gives up on what is still under way.
    /// </summary>
    public static Task<LoadResult> RunAsync(LoadPlan plan, CancellationToken cancellation) =>
        Task.Factory.StartNew(
            () =>
            {
                using var run = new LoadRun(plan);
                return run.Go(cancellation);
            },
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    public void Dispose()
    {
        connections.ForEach(connection => connection.Dispose());
        epoll.Dispose();
    }

    private LoadResult Go(CancellationToken cancellation)
    {
        var cpuBefore = Environment.CpuUsage.TotalTime;
        if (plan.PerSecond is { } perSecond)
        {
            epoll.StartTimer(TimeSpan.FromSeconds(1 / perSecond));
        }

        Span<int> ready = stackalloc int[512];
        var now = clock.Start;
        while (!IsOver(now))
        {
            cancellation.ThrowIfCancellationRequested();
            SendWhatIsDue(now);
            var count = epoll.Wait(ready, milliseconds: 100);
            now = Stopwatch.GetTimestamp();
            foreach (var index in ready[..count])
            {
                Look(index);
            }
        }

        GiveUpOnTheRest();
        return new LoadResult(answered, failed, perWindow, latencies, Stopwatch.GetElapsedTime(clock.Start, now))
        {
            Faults = faults,
            ClientCpu = Environment.CpuUsage.TotalTime - cpuBefore,
        };
    }

    private bool IsOver(long now) =>
        (!MaySend(now) && waiting.Count == 0 && answered + failed == sent) || clock.IsOutOfPatience(now) || closed == connections.Count;

    /// <summary>
    /// Whether more is to come. An open loop goes by its schedule: a request that fell due in time is sent, however late the loop is.
    /// </summary>
    private bool MaySend(long now) =>
        plan.Count is { } count ? sent + waiting.Count < count : (plan.PerSecond is null ? now : NextDueAt()) < clock.End;

    private long NextDueAt() => clock.Start + (long)((due + 1) * Stopwatch.Frequency / plan.PerSecond!.Value);

    private void SendWhatIsDue(long now)
    {
        while (idle.Count > 0 && (plan.PerSecond is null ? MaySend(now) : waiting.Count > 0))
        {
            var index = idle.Pop();
            var dueAt = plan.PerSecond is null ? Stopwatch.GetTimestamp() : waiting.Dequeue();
            sent++;
            if (!connections[index].Send(dueAt))
            {
                Drop(index);
            }
        }
    }

    private void Look(int index)
    {
        if (index == Epoll.Timer)
        {
            for (var ticks = epoll.TakeTicks(); ticks > 0; ticks--)
            {
                // Due by the schedule, not by when this loop got round to it: no coordinated omission.
                if (MaySend(now: 0))
                {
                    waiting.Enqueue(NextDueAt());
                    due++;
                }
            }

            return;
        }

        switch (connections[index].Receive())
        {
            case Received.Answered:
                Count(connections[index]);
                idle.Push(index);
                break;
            case Received.Refused:
                Fail(connections[index].LastFault);
                idle.Push(index);
                break;
            case Received.Lost:
                Drop(index);
                break;
            default:
                break;
        }
    }

    private void Count(LoadConnection connection)
    {
        var now = Stopwatch.GetTimestamp();
        answered++;
        if (clock.WindowOf(now) is { } window)
        {
            perWindow[window]++;
            latencies.Add(now - connection.DueAt);
        }
    }

    private void Drop(int index)
    {
        var connection = connections[index];
        epoll.Remove(connection.Handle);
        if (connection.IsBusy)
        {
            Fail(connection.LastFault);
        }

        // Its place in the list stays: the others are known by their index.
        connection.Dispose();
        closed++;
    }

    private void Fail(string fault)
    {
        failed++;
        if (faults.Count < FaultsKept && !faults.Contains(fault, StringComparer.Ordinal))
        {
            faults.Add(fault);
        }
    }

    private void GiveUpOnTheRest()
    {
        for (var missing = sent - answered - failed; missing > 0; missing--)
        {
            Fail("never answered");
        }
    }
}
