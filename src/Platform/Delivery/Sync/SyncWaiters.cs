using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Messaging;

namespace Platform.Delivery.Sync;

/// <summary>How long a synchronous caller is kept.</summary>
internal sealed class DeliveryOptions
{
    public const string Section = "Delivery";

    /// <summary>
    /// After this a synchronous request is answered with <c>syncTimeout</c>, in seconds. Under 60, where the JS SDK sends a task again.
    /// </summary>
    public double SyncTimeoutSeconds { get; set; } = 50;

    /// <summary>How often a waiting request looks for itself, in case the event about its task was lost. Seconds.</summary>
    public double LookAgainSeconds { get; set; } = 1;
}

/// <summary>
/// The synchronous callers of this node. An event wakes them; the rows say what happened; and because an event can be
/// lost, each also looks for itself now and then.
/// </summary>
internal sealed class SyncWaiters(ReadOutcomes outcomes, TimeProvider time, IOptions<DeliveryOptions> options)
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<TaskOutcome>> _waiting = new();
    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(options.Value.SyncTimeoutSeconds);
    private readonly TimeSpan _lookAgain = TimeSpan.FromSeconds(options.Value.LookAgainSeconds);

    /// <summary>Begins to listen. To be called before the task is accepted, else its event may come too early.</summary>
    public SyncWait Begin(Guid taskId)
    {
        var final = new TaskCompletionSource<TaskOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[taskId] = final;
        return new SyncWait(this, taskId, final.Task);
    }

    /// <summary>Takes note of settled tasks, and looks at those whose event does not say all. Ids that nobody here waits for are passed over.</summary>
    public async Task HearAsync(IReadOnlyList<SettledTask> tasks)
    {
        var looks = new List<Task>();
        foreach (var task in tasks)
        {
            if (!_waiting.TryGetValue(task.TaskId, out var waiting))
            {
                continue;
            }

            if (task.Item is null)
            {
                looks.Add(LookAtAsync(task.TaskId));
            }
            else
            {
                waiting.TrySetResult(OutcomeOf(task));
            }
        }

        await Task.WhenAll(looks);
    }

    internal async Task<TaskOutcome?> WaitAsync(Guid taskId, Task<TaskOutcome> final)
    {
        var givenUpAt = time.GetTimestamp() + (long)(_timeout.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            var left = time.GetElapsedTime(time.GetTimestamp(), givenUpAt);
            if (left <= TimeSpan.Zero)
            {
                // The last look may have found it.
                return final.IsCompleted ? await final : null;
            }

            try
            {
                return await final.WaitAsync(left < _lookAgain ? left : _lookAgain, time);
            }
            catch (TimeoutException)
            {
                await LookAtAsync(taskId);
            }
        }
    }

    private static TaskOutcome OutcomeOf(SettledTask task) => new()
    {
        TaskId = task.TaskId,
        State = "succeeded",
        NumberResults = 1,
        Items = [new DeliveredItem(task.Item!, Enum.Parse<OutputType>(task.OutputType!), task.BlobKey!)],
    };

    internal void End(Guid taskId) => _waiting.TryRemove(taskId, out _);

    private async Task LookAtAsync(Guid taskId)
    {
        try
        {
            if (await outcomes.FindAcrossTenantsAsync(taskId) is { IsFinal: true } outcome
                && _waiting.TryGetValue(taskId, out var waiting))
            {
                waiting.TrySetResult(outcome);
            }
        }
        catch (Exception fault) when (Persistence.DatabaseRetry.MayPass(fault))
        {
            // The database is away. The caller looks again, until its own time is over.
            return;
        }
    }
}

/// <summary>One caller's wait; disposing it ends the listening.</summary>
internal sealed class SyncWait(SyncWaiters waiters, Guid taskId, Task<TaskOutcome> final) : IDisposable
{
    /// <summary>The final outcome, or null when the time for a synchronous reply is over and the task goes on.</summary>
    public Task<TaskOutcome?> OutcomeAsync() => waiters.WaitAsync(taskId, final);

    public void Dispose() => waiters.End(taskId);
}
