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
    private int _waiting;
    private long _lastCut = long.MinValue;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private TaskCompletionSource? _changed;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>
    /// Results that may be claimed now: what could begin, and while nothing is wrong a quarter more, which wait for those that finish, so that the
    /// engine is not idle while a result is stored and the next is fetched.
    /// </summary>
    public int Room
    {
        get
        {
            lock (_gate)
            {
                var ahead = _limit < most ? 0 : most / 4;
                return Left() > TimeSpan.Zero ? 0 : (int)Math.Clamp(Math.Floor(_limit) + ahead - _inFlight - _waiting, 0, int.MaxValue);
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
        Interlocked.Increment(ref _waiting);
        try
        {
            while (!TryEnter())
            {
                await NextChanceAsync(either.Token);
            }

            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
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
