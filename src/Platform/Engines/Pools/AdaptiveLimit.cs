namespace Platform.Engines.Pools;

/// <summary>
/// How many calls one process has in flight to one engine. It starts at what the settings allow, halves when the engine says that it is busy,
/// and finds its way back as TCP does: doubling up to half of where it was too much, then one more for each round.
/// </summary>
internal sealed class AdaptiveLimit(int most, TimeProvider time)
{
    /// <summary>Without a Retry-After of the engine's own. Short, so that an engine that is back is soon used again.</summary>
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(1);

    /// <summary>An engine cannot send us away for longer; its next answer may do it again.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private double _limit = most;
    private double _threshold = most;
    private int _inFlight;
    private long _lastCut = long.MinValue;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private TaskCompletionSource? _changed;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Calls that could begin now.</summary>
    public int Room
    {
        get
        {
            lock (_gate)
            {
                return time.GetUtcNow() < _pausedUntil ? 0 : Math.Max(0, (int)_limit - _inFlight);
            }
        }
    }

    /// <summary>What is left of the pause that the engine asked for; zero when there is none.</summary>
    public TimeSpan Pause
    {
        get
        {
            lock (_gate)
            {
                return Left();
            }
        }
    }

    public bool TryEnter()
    {
        lock (_gate)
        {
            if (Left() > TimeSpan.Zero || _inFlight >= (int)_limit)
            {
                return false;
            }

            _inFlight++;
            return true;
        }
    }

    /// <summary>Waits for room, at most so long; false when there was none.</summary>
    public async Task<bool> EnterAsync(TimeSpan patience, CancellationToken cancellation)
    {
        using var end = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellation);
        while (!TryEnter())
        {
            try
            {
                await NextChanceAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Ends a call that entered. <paramref name="started"/> is the timestamp of its beginning.</summary>
    public void Leave(long started, EngineFailure? failure)
    {
        TaskCompletionSource? changed;
        lock (_gate)
        {
            _inFlight--;
            if (failure is { Kind: FailureKind.Busy })
            {
                Cut(started, failure.RetryAfter);
            }
            else if (failure is null && _limit < most)
            {
                _limit = Math.Min(most, _limit + (_limit < _threshold ? 1 : 1 / _limit));
            }

            (changed, _changed) = (_changed, null);
        }

        changed?.TrySetResult();
    }

    private void Cut(long started, TimeSpan? retryAfter)
    {
        var pause = retryAfter ?? UsualPause;
        var until = time.GetUtcNow() + (pause < LongestPause ? pause : LongestPause);
        _pausedUntil = until > _pausedUntil ? until : _pausedUntil;

        // Calls that began before the last cut say nothing about the new limit.
        if (started > _lastCut)
        {
            _lastCut = time.GetTimestamp();
            _threshold = Math.Max(1, _inFlight / 2.0);
            _limit = Math.Max(1, Math.Min(_limit, _inFlight + 1) / 2);
        }
    }

    private Task NextChanceAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (Left() is var left && left > TimeSpan.Zero)
            {
                return Task.Delay(left, time, cancellation);
            }

            _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _inFlight < (int)_limit ? Task.CompletedTask : _changed.Task.WaitAsync(cancellation);
        }
    }

    private TimeSpan Left() => _pausedUntil - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
