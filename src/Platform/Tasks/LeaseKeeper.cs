using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>
/// Keeps the leases of this process's running tasks alive, all in one statement, and tells a task whose lease is gone (cancelled,
/// expired, or given to another after a long silence) to stop.
/// </summary>
internal sealed partial class LeaseKeeper(
    Database database, IOptions<TasksOptions> options, TimeProvider time, ILogger<LeaseKeeper> log)
{
    private static readonly string Statement = SqlText.Load("renew");

    private readonly ConcurrentDictionary<Guid, Held> _held = new();
    private readonly TimeSpan _lease = TimeSpan.FromSeconds(options.Value.LeaseSeconds);

    /// <summary>
    /// Holds the lease of a claimed task until disposed. Its token is cancelled when the lease is lost or the deadline passes. Of two attempts
    /// of one task in this process the later one has the lease, and the earlier one is told to stop.
    /// </summary>
    public HeldLease Hold(ClaimedTask task)
    {
        var left = task.Deadline - time.GetUtcNow();
        var gone = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        var held = new Held(task.LeaseToken, task.Attempt, gone);
        while (!_held.TryAdd(task.TaskId, held))
        {
            if (!_held.TryGetValue(task.TaskId, out var other))
            {
                continue;
            }

            if (other.Attempt > task.Attempt)
            {
                // This attempt was slow to begin, and the task has been claimed once more meanwhile.
                LogLost(log, task.TaskId);
                gone.Cancel();
                break;
            }

            Lose(task.TaskId, other);
        }

        return new HeldLease(held.Close, () => End(task.TaskId, held), gone.Token);
    }

    /// <summary>Renews until told to stop. A third of the lease between two renewals leaves room for two that fail.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(_lease / 3, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                await RenewAsync(stopping);
            }
#pragma warning disable CA1031 // Whatever broke one renewal, the next is made: a worker that claims on without any would run each long task again and again.
            catch (Exception fault) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
            {
                // The tasks run on: if the outage outlasts their leases, the fence decides between us and their next claimant.
                if (DatabaseRetry.MayPass(fault))
                {
                    LogNotRenewed(log, _held.Count, fault.Message);
                }
                else
                {
                    LogBroken(log, fault);
                }
            }
        }
    }

    private async Task RenewAsync(CancellationToken stopping)
    {
        var mine = _held.ToArray();
        if (mine.Length == 0)
        {
            return;
        }

        await using var command = database.Relaxed.CreateCommand(Statement);
        command.AddColumn(mine, static m => m.Key);
        command.AddColumn(mine, static m => m.Value.Token);
        command.Add(_lease);
        var renewed = new HashSet<Guid>();
        await using (var row = await command.ExecuteReaderAsync(stopping))
        {
            while (await row.ReadAsync(stopping))
            {
                renewed.Add(row.GetGuid(0));
            }
        }

        foreach (var (taskId, held) in mine)
        {
            // One that is being closed may have been settled since the renewal was sent. If it is not, the fence says so to its settlement.
            if (!renewed.Contains(taskId) && !held.IsClosing)
            {
                Lose(taskId, held);
            }
        }
    }

    private void Lose(Guid taskId, Held held)
    {
        if (_held.TryRemove(KeyValuePair.Create(taskId, held)))
        {
            LogLost(log, taskId);
            TaskMetrics.LostLease();
            held.Gone.Cancel();
            held.Gone.Dispose();
        }
    }

    // Whoever takes the entry out disposes its source, so that a renewal that finds the lease lost never meets a disposed one.
    private void End(Guid taskId, Held held)
    {
        if (_held.TryRemove(KeyValuePair.Create(taskId, held)))
        {
            held.Gone.Dispose();
        }
    }

    [LoggerMessage(EventId = 2401, Level = LogLevel.Warning, Message = "The lease of task {TaskId} is gone; its work stops here")]
    private static partial void LogLost(ILogger log, Guid taskId);

    [LoggerMessage(EventId = 2402, Level = LogLevel.Warning, Message = "{Count} leases could not be renewed yet: {Reason}")]
    private static partial void LogNotRenewed(ILogger log, int count, string reason);

    [LoggerMessage(EventId = 2403, Level = LogLevel.Error, Message = "A renewal of leases met a fault of ours")]
    private static partial void LogBroken(ILogger log, Exception fault);

    private sealed class Held(Guid token, int attempt, CancellationTokenSource gone)
    {
        private volatile bool _isClosing;

        public Guid Token => token;

        public int Attempt => attempt;

        public CancellationTokenSource Gone => gone;

        public bool IsClosing => _isClosing;

        public void Close() => _isClosing = true;
    }
}

/// <summary>One task's lease in this process.</summary>
internal sealed class HeldLease(Action close, Action release, CancellationToken gone) : IDisposable
{
    /// <summary>Cancelled when the task is no longer ours, or its time is over.</summary>
    public CancellationToken Gone => gone;

    /// <summary>
    /// To be called before a settlement that gives the task up is sent: from then on the lease may vanish and that is no loss.
    /// </summary>
    public void Close() => close();

    public void Dispose() => release();
}
