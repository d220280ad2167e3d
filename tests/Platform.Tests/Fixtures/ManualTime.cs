using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>
/// A clock that stands still until a test moves it. Timers fire on the thread that moves it, in order of their time.
/// </summary>
internal sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private DateTimeOffset now = start;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ManualTime()
        : this(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on, stopping at every timer on the way so that each sees its own time.</summary>
    public void Advance(TimeSpan by)
    {
        var target = GetUtcNow() + by;
        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>Completes when at least so many timers are waiting: the code under test has reached its delay.</summary>
    public async Task WaitForTimersAsync(int count = 1)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (timers.Count >= count)
                {
                    return;
                }

                next = changed.Task;
            }

            await next.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    private ManualTimer? TakeDue(DateTimeOffset target)
    {
        lock (gate)
        {
            var timer = timers.Where(one => one.Due <= target).MinBy(one => one.Due);
            now = timer is null ? target : timer.Due > now ? timer.Due : now;
            if (timer is null)
            {
                return null;
            }

            timers.Remove(timer);
            if (timer.Period > TimeSpan.Zero)
            {
                timer.Due = now + timer.Period;
                timers.Add(timer);
            }

            return timer;
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        private bool disposed;

        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time.gate)
            {
                time.timers.Remove(this);
                if (disposed || dueTime == Timeout.InfiniteTimeSpan)
                {
                    return !disposed;
                }

                (Due, Period) = (time.now + dueTime, period);
                time.timers.Add(this);
                time.changed.SetResult();
                time.changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return true;
            }
        }

        public void Dispose()
        {
            lock (time.gate)
            {
                disposed = true;
                time.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
