namespace Platform.Persistence;

/// <summary>
/// Lets many callers share one statement. A call that finds no statement in flight runs at once; calls that arrive
/// meanwhile join the next one. An idle system pays no delay. A busy one, which it is after a batch of several items, rests between its
/// statements in proportion to how long they take: a statement costs as much as dozens of its rows, so fewer and fuller ones leave more of
/// the machine for work, and the slower the machine is, the fuller they get. A statement that is full already waits for nothing.
/// </summary>
/// <typeparam name="TItem">What a caller asks for.</typeparam>
/// <typeparam name="TReply">What it gets back.</typeparam>
internal sealed class BatchWriter<TItem, TReply>
{
    // Up to this many items a batch is small change, and waiting for more would only add to a lone caller's time.
    private const int Few = 4;

    // Of so many items a statement's own cost is a small part.
    private const int Full = 100;

    // Beyond this a longer rest saves little and every caller would feel it.
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(25);

    private readonly Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TReply>>> _write;
    private readonly int _largest;
    private readonly double _rest;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private List<Waiting> _queue = [];
    private TaskCompletionSource? _filled;
    private bool _writing;

    /// <param name="write">Runs one statement; answers one reply for each item, in order.</param>
    /// <param name="largest">Items in one statement at the most, which bounds how long it may hold its locks.</param>
    /// <param name="rest">How long a busy writer rests after a statement, in multiples of the statement's own time.</param>
    public BatchWriter(Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TReply>>> write, int largest, double rest = 0, TimeProvider? time = null)
    {
        _write = write;
        _largest = largest;
        _rest = rest;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>
    /// Whether what this process is about to run anyway goes before a statement, so that its calls join it: for calls that come in bursts.
    /// </summary>
    public bool Gathers { get; init; }

    /// <summary>The reply to this item, or the exception that its whole statement met.</summary>
    public Task<TReply> WriteAsync(TItem item)
    {
        var waiting = new Waiting(item);
        lock (_gate)
        {
            _queue.Add(waiting);
            if (_queue.Count == Full)
            {
                _filled?.TrySetResult();
            }

            if (_writing)
            {
                return waiting.Reply.Task;
            }

            _writing = true;
        }

        _ = DrainAsync();
        return waiting.Reply.Task;
    }

    private async Task DrainAsync()
    {
        while (await GatherAsync() is { Count: > 0 } batch)
        {
            var started = _time.GetTimestamp();
            var writing = WriteBatchAsync(batch);
            if (writing.IsCompleted)
            {
                // This thread belongs to the caller of the first item. It must not be kept for those that came after.
                await Task.Yield();
            }

            await writing;
            var rest = _time.GetElapsedTime(started) * _rest;
            if (batch.Count > Few && rest > TimeSpan.Zero)
            {
                await RestAsync(rest < LongestRest ? rest : LongestRest);
            }
        }
    }

    private async Task RestAsync(TimeSpan rest)
    {
        TaskCompletionSource filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_queue.Count >= Full)
            {
                return;
            }

            _filled = filled;
        }

        using var enough = new CancellationTokenSource();
        await Task.WhenAny(filled.Task, Task.Delay(rest, _time, enough.Token));
        await enough.CancelAsync();
    }

    private async ValueTask<List<Waiting>> GatherAsync()
    {
        if (Gathers && ThreadPool.PendingWorkItemCount > 0)
        {
            // To the end of the queue.
            await Task.Yield();
        }

        return TakeBatch();
    }

    private List<Waiting> TakeBatch()
    {
        lock (_gate)
        {
            if (_queue.Count <= _largest)
            {
                var all = _queue;
                _queue = [];
                _writing = all.Count > 0;
                return all;
            }

            var first = _queue.GetRange(0, _largest);
            _queue.RemoveRange(0, _largest);
            return first;
        }
    }

    private async Task WriteBatchAsync(List<Waiting> batch)
    {
        try
        {
            var replies = await _write(batch.ConvertAll(static w => w.Item));
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Reply.SetResult(replies[i]);
            }
        }
#pragma warning disable CA1031 // Whatever broke belongs to the callers of this batch; the writer itself goes on.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            foreach (var waiting in batch)
            {
                waiting.Reply.TrySetException(broken);
            }
        }
    }

    private sealed class Waiting(TItem item)
    {
        public TItem Item { get; } = item;

        // Continuations must not run inside the drain loop: they would delay the next statement.
        public TaskCompletionSource<TReply> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
