namespace Platform.Delivery.Webhooks;

/// <summary>
/// When this process's own retries are due, so that it wakes for them to the millisecond. The rows hold the truth; what is not remembered
/// here is found by the next sweep.
/// </summary>
internal sealed class RetryTimes(TimeProvider time)
{
    private const int Most = 20_000;
    private static readonly TimeSpan Far = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<long, long> _due = new();

    public void Add(TimeSpan delay)
    {
        lock (_gate)
        {
            if (delay <= Far && _due.Count < Most)
            {
                var at = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
                _due.Enqueue(at, at);
            }
        }
    }

    /// <summary>Takes out what is due by now; true when there was something.</summary>
    public bool TakeRipe()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var found = false;
            while (_due.TryPeek(out var at, out _) && at <= now)
            {
                _due.Dequeue();
                found = true;
            }

            return found;
        }
    }

    /// <summary>The wait for the next one, at most so long.</summary>
    public TimeSpan UntilNext(TimeSpan most)
    {
        lock (_gate)
        {
            if (!_due.TryPeek(out var at, out _))
            {
                return most;
            }

            var wait = time.GetElapsedTime(time.GetTimestamp(), at);
            return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < most ? wait : most;
        }
    }
}
