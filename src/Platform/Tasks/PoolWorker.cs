using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>
/// Serves one pool in this process: claims as many tasks as it has free slots, whenever a ticket, a freed slot or a slow clock
/// gives it reason to look.
/// </summary>
internal sealed partial class PoolWorker(string pool, PoolLimits limits, ClaimTasks claim, RunClaimed run, ILogger log) : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _handBack = new();
    private readonly Lock _gate = new();
    private readonly KnownKnocks _knocks = new();
    private readonly SemaphoreSlim _finishing = new(limits.Slots);
    private List<TaskCompletionSource<bool>> _tickets = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;
    private int _open;
    private volatile bool _moreWaits;
    private bool _waitsForEngine;
    private volatile bool _stopped;
    private bool _gone;

    public string Pool => pool;

    public PoolSlots Slots => new(pool, limits.Slots, Volatile.Read(ref _taken));

    /// <summary>
    /// Brings a ticket and waits for the claim that answers it, which may have to wait for a free slot. True when that claim filled
    /// every free slot, so that more may be waiting and somebody else should look as well; true as well where this worker stopped
    /// before it could look.
    /// </summary>
    /// <param name="knockId">Of a ticket that comes twice; the second one is answered by the claim of the first.</param>
    public Task<bool> TakeTicketAsync(Guid? knockId, CancellationToken cancellation)
    {
        var answered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_gone)
            {
                // Passed on it would come straight back, as long as this process still listens. The rescue sweep sends another.
                return Task.FromResult(false);
            }

            if (knockId is { } id && _knocks.FindAsync(id) is { } earlier)
            {
                // What filled every slot has been passed on by the first one.
                return earlier.ContinueWith(static _ => false, cancellation, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            _knocks.Remember(knockId, answered.Task);
            _tickets.Add(answered);
        }

        Wake();
        return answered.Task.WaitAsync(cancellation);
    }

    /// <summary>Claims and runs until <paramref name="stopping"/>; then waits for what runs, and hands back what takes too long.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        Wake();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(_waitsForEngine ? limits.EngineLook : limits.IdleLook, stopping);
                stopping.ThrowIfCancellationRequested();
                await ClaimAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever broke one claim, the pool is served: a process whose other pools live would look as if it did.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                if (DatabaseRetry.MayPass(fault))
                {
                    LogCannotClaim(log, pool, fault.Message);
                }
                else
                {
                    LogBroken(log, fault, pool);
                }

                await Task.Delay(limits.AfterFault, CancellationToken.None);
                Wake();
            }
        }

        await DrainAsync();
    }

    public void Dispose()
    {
        _wake.Dispose();
        _finishing.Dispose();
        _handBack.Dispose();
    }

    private async Task ClaimAsync()
    {
        // Said before the slots are counted: a slot that gets free in between must not go to sleep over waiting work.
        _moreWaits = true;
        Interlocked.MemoryBarrier();
        var room = limits.Room();
        var free = Math.Min(limits.Slots - Volatile.Read(ref _taken), room);
        if (_waitsForEngine && room <= 0)
        {
            // Its engines took nothing for a whole look: another process may have one that does.
            TakeTickets().ForEach(static ticket => ticket.TrySetResult(true));
        }

        _waitsForEngine = room <= 0;
        if (free <= 0)
        {
            // Every slot is taken: the first that gets free looks again.
            return;
        }

        var tickets = TakeTickets();
        try
        {
            // Not cancelled by a stop: a claim whose answer nobody reads would leave its tasks to the rescue sweep.
            var claimed = await claim.ClaimAsync(pool, free, CancellationToken.None);
            if (claimed.Count > 0)
            {
                await StopPoint.ReachAsync(StopPoint.Claimed);
            }

            _moreWaits = claimed.Count == free;
            foreach (var task in claimed)
            {
                Start(task);
            }

            tickets.ForEach(ticket => ticket.TrySetResult(_moreWaits));
        }
        catch
        {
            // The tickets are still to be answered, by the claim that follows.
            lock (_gate)
            {
                _tickets.AddRange(tickets);
            }

            throw;
        }
    }

    private List<TaskCompletionSource<bool>> TakeTickets()
    {
        lock (_gate)
        {
            var tickets = _tickets;
            _tickets = [];
            return tickets;
        }
    }

    private void Start(ClaimedTask task)
    {
        Interlocked.Increment(ref _taken);
        Interlocked.Increment(ref _open);
        _ = Task.Run(async () =>
        {
            using (var slot = new WorkSlot(pool, Free, _finishing))
            {
                await run.RunAsync(task, slot, _handBack.Token);
            }

            if (task.IsCapped)
            {
                // Its end, and not that of its slot, is what its tenant's next one may have waited for.
                Wake();
            }

            if (Interlocked.Decrement(ref _open) == 0 && _stopped)
            {
                _drained.TrySetResult();
            }
        });
    }

    private void Free()
    {
        Interlocked.Decrement(ref _taken);
        if (_moreWaits)
        {
            Wake();
        }
    }

    private async Task DrainAsync()
    {
        LogDraining(log, pool, Volatile.Read(ref _open));
        using var patience = new CancellationTokenSource(limits.Drain);
        await using var giveUp = patience.Token.Register(_handBack.Cancel);
        _stopped = true;
        // The last task looks at the one after it has changed the other; without the barrier both could miss each other.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _open) > 0)
        {
            await _drained.Task;
        }

        PassTicketsOn();
    }

    // Tickets that waited for a slot here would keep the bus from stopping; other workers can use them.
    private void PassTicketsOn()
    {
        lock (_gate)
        {
            _gone = true;
            _tickets.ForEach(static ticket => ticket.TrySetResult(true));
            _tickets.Clear();
        }
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
    }

    [LoggerMessage(EventId = 2601, Level = LogLevel.Warning, Message = "Pool {Pool} cannot claim work yet: {Reason}")]
    private static partial void LogCannotClaim(ILogger log, string pool, string reason);

    [LoggerMessage(EventId = 2603, Level = LogLevel.Error, Message = "A claim for pool {Pool} met a fault of ours")]
    private static partial void LogBroken(ILogger log, Exception fault, string pool);

    [LoggerMessage(EventId = 2602, Level = LogLevel.Information, Message = "Pool {Pool} stops; {Running} tasks are still running")]
    private static partial void LogDraining(ILogger log, string pool, int running);
}

/// <summary>A pool's room in one process.</summary>
/// <param name="Slots">Tasks that may run at the same time.</param>
/// <param name="Busy">Those that do.</param>
internal sealed record PoolSlots(string Pool, int Slots, int Busy);

/// <summary>How much a pool's worker takes on, and how patient it is.</summary>
internal sealed record PoolLimits(int Slots, TimeSpan IdleLook, TimeSpan Drain)
{
    /// <summary>Pause after a claim that met a broken database.</summary>
    public TimeSpan AfterFault { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Results that the pool's engines would begin now; 0 while none of them takes work, and then nothing is claimed.</summary>
    public Func<int> Room { get; init; } = static () => int.MaxValue;

    /// <summary>How often a pool without a ready engine looks whether it has one. No statement is sent for it.</summary>
    public TimeSpan EngineLook { get; init; } = TimeSpan.FromMilliseconds(250);
}
