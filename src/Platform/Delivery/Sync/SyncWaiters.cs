using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Messaging;
using Platform.Telemetry;

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
internal sealed class SyncWaiters(ReadOutcomes outcomes, TimeProvider time, IOptions<DeliveryOptions> options) : IDisposable
{
    private readonly CancellationTokenSource _release = new();
    private readonly ConcurrentDictionary<Guid, News> _waiting = new();
    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(options.Value.SyncTimeoutSeconds);
    private readonly TimeSpan _lookAgain = TimeSpan.FromSeconds(options.Value.LookAgainSeconds);

    /// <summary>Begins to listen. To be called before the task is accepted, else its event may come too early.</summary>
    /// <param name="onProgress">Told each time more results are finished, until all are; the wait goes on when it returns.</param>
    /// <param name="since">
    /// Timestamp from which the caller's time is counted: a client counts from when it began to send. None: from now.
    /// </param>
    public SyncWait Begin(Guid taskId, Func<TaskOutcome, Task>? onProgress = null, long? since = null)
    {
        SyncMetrics.Began();
        var news = new News(wantsProgress: onProgress is not null);
        _waiting[taskId] = news;
        var until = (since ?? time.GetTimestamp()) + (long)(_timeout.TotalSeconds * time.TimestampFrequency);
        return new SyncWait(() => WaitAsync(taskId, news, onProgress, until), () => End(taskId));
    }

    /// <summary>This node stops: whoever waits or comes is told at once that the task goes on.</summary>
    public void Release() => _release.Cancel();

    public void Dispose() => _release.Dispose();

    /// <summary>Takes note of settled tasks, and looks at those whose event does not say all. Ids that nobody here waits for are passed over.</summary>
    public async Task HearAsync(IReadOnlyList<SettledTask> tasks)
    {
        var looks = new List<Task>();
        foreach (var task in tasks)
        {
            if (!_waiting.TryGetValue(task.TaskId, out var news))
            {
                continue;
            }

            if (task.Item is null)
            {
                looks.Add(LookAtAsync(task.TaskId));
            }
            else
            {
                news.Tell(OutcomeOf(task));
            }
        }

        await Task.WhenAll(looks);
    }

    private async Task<TaskOutcome?> WaitAsync(Guid taskId, News news, Func<TaskOutcome, Task>? onProgress, long givenUpAt)
    {
        using var span = Traces.Source.StartActivity("task.reply");
        var began = time.GetTimestamp();
        var outcome = await WaitToEndAsync(taskId, news, onProgress, givenUpAt);
        SyncMetrics.Answered(outcome, time.GetElapsedTime(began));
        return outcome;
    }

    private async Task<TaskOutcome?> WaitToEndAsync(Guid taskId, News news, Func<TaskOutcome, Task>? onProgress, long givenUpAt)
    {
        while (true)
        {
            var left = time.GetElapsedTime(time.GetTimestamp(), givenUpAt);
            if (left <= TimeSpan.Zero)
            {
                // The last look may have found it.
                return news.Latest is { IsFinal: true } late ? late : null;
            }

            try
            {
                await news.Came.WaitAsync(left < _lookAgain ? left : _lookAgain, time, _release.Token);
            }
            catch (OperationCanceledException) when (_release.IsCancellationRequested)
            {
                return news.Latest is { IsFinal: true } late ? late : null;
            }
            catch (TimeoutException)
            {
                await LookAtAsync(taskId);
                continue;
            }

            var outcome = news.Take();
            if (outcome.IsFinal)
            {
                return outcome;
            }

            await onProgress!(outcome);
        }
    }

    private static TaskOutcome OutcomeOf(SettledTask task) => new()
    {
        TaskId = task.TaskId,
        State = "succeeded",
        NumberResults = 1,
        Items = [new DeliveredItem(task.Item!, Enum.Parse<OutputType>(task.OutputType!), task.BlobKey!)],
    };

    private void End(Guid taskId)
    {
        if (_waiting.TryRemove(taskId, out _))
        {
            SyncMetrics.Ended();
        }
    }

    private async Task LookAtAsync(Guid taskId)
    {
        try
        {
            if (await outcomes.FindAcrossTenantsAsync(taskId) is { } outcome && _waiting.TryGetValue(taskId, out var news))
            {
                news.Tell(outcome);
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
internal sealed class SyncWait(Func<Task<TaskOutcome?>> wait, Action end) : IDisposable
{
    /// <summary>The final outcome, or null when the time for a synchronous reply is over and the task goes on.</summary>
    public Task<TaskOutcome?> OutcomeAsync() => wait();

    public void Dispose() => end();
}

/// <summary>The latest that is known of a task, and a signal when it is more than was known before.</summary>
internal sealed class News(bool wantsProgress)
{
    private readonly Lock _gate = new();
    private TaskOutcome? _latest;
    private TaskCompletionSource _came = NewSignal();

    public TaskOutcome? Latest
    {
        get
        {
            lock (_gate)
            {
                return _latest;
            }
        }
    }

    public Task Came
    {
        get
        {
            lock (_gate)
            {
                return _came.Task;
            }
        }
    }

    /// <summary>Looks that were begun before an event may end after it: what is older than the known is passed over.</summary>
    public void Tell(TaskOutcome outcome)
    {
        lock (_gate)
        {
            var isNews = outcome.IsFinal || (wantsProgress && outcome.Items.Count > (_latest?.Items.Count ?? 0));
            if (isNews && _latest is not { IsFinal: true })
            {
                _latest = outcome;
                _came.TrySetResult();
            }
        }
    }

    public TaskOutcome Take()
    {
        lock (_gate)
        {
            _came = NewSignal();
            return _latest ?? throw new InvalidOperationException("Nothing has come.");
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
