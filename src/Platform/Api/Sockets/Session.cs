using Platform.Delivery;

namespace Platform.Api.Sockets;

/// <summary>
/// What one client is still to receive, in order. It outlives the socket that carries it: what a broken socket did not take waits for the
/// next one. A frame counts as delivered when the whole of it was handed to the network. Audio in a frame is still in its file.
/// </summary>
#pragma warning disable CA1001 // The semaphore's wait handle is never asked for, so there is nothing to give back while others may still wait.
internal sealed class Session(Guid tenantId, int queueBytes, TimeProvider time)
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly Queue<ReplyText> _frames = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TaskCompletionSource? _moved;
    private SocketWire? _wire;
    private bool _isStarted;
    private bool _isPumping;
    private bool _isEnded;
    private long _bytes;
    private long _leftAt = time.GetTimestamp();

    /// <summary>Shown to the client as <c>connectionSessionUUID</c>.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    public Guid TenantId => tenantId;

    public bool IsAttached
    {
        get
        {
            lock (_gate)
            {
                return _wire is not null;
            }
        }
    }

    /// <summary>How long nobody has been there to receive; zero while somebody is.</summary>
    public TimeSpan Absence
    {
        get
        {
            lock (_gate)
            {
                return _wire is null ? time.GetElapsedTime(_leftAt) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Gives the session to a socket; nothing flows before <see cref="Start"/>. Answers the socket that had it until now.</summary>
    public SocketWire? Take(SocketWire wire)
    {
        lock (_gate)
        {
            var former = _wire;
            (_wire, _isStarted) = (wire, false);
            Moved();
            return former;
        }
    }

    public void Start()
    {
        lock (_gate)
        {
            _isStarted = true;
            Pump();
        }
    }

    /// <summary>The socket has gone; if the session was still its, what is undelivered waits.</summary>
    public void Leave(SocketWire wire)
    {
        lock (_gate)
        {
            if (_wire == wire)
            {
                (_wire, _leftAt) = (null, time.GetTimestamp());
                Moved();
            }
        }
    }

    /// <summary>Nobody came back in time: what waits is dropped, and so is whatever comes later.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            _frames.Clear();
            _bytes = 0;
            Moved();
        }
    }

    /// <summary>Adds a frame that is there already.</summary>
    public void Put(ReplyText frame)
    {
        lock (_gate)
        {
            if (!_isEnded)
            {
                _frames.Enqueue(frame);
                _bytes += frame.Held;
                Pump();
            }
        }
    }

    /// <summary>
    /// Adds a frame that is made only when there is room for it, one after the other: whatever finishes for a client that does not read,
    /// at most one frame is over the limit.
    /// </summary>
    public async Task PutAsync(Func<Task<ReplyText?>> render)
    {
        await _turn.WaitAsync();
        try
        {
            if (await RoomAsync() && await render() is { } frame)
            {
                Put(frame);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Completes when there is room; false when the session has ended and room is no use.</summary>
    public Task<bool> RoomAsync() => WhenAsync(() => _bytes < queueBytes);

    /// <summary>Completes when there is room for the answers to more of what that socket brings, or the session is no longer its.</summary>
    public Task ReadyAsync(SocketWire wire) => WhenAsync(() => _bytes < queueBytes || _wire != wire);

    /// <summary>Completes when nothing waits any more, or the session has ended.</summary>
    public Task EmptyAsync() => WhenAsync(() => _frames.Count == 0);

    private async Task<bool> WhenAsync(Func<bool> condition)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                if (_isEnded || condition())
                {
                    return !_isEnded;
                }

                moved = (_moved ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await moved;
        }
    }

    private void Moved()
    {
        _moved?.TrySetResult();
        _moved = null;
    }

    // Called under the lock. No loop waits while there is nothing to send: an idle session costs its fields only.
    private void Pump()
    {
        if (!_isPumping && _isStarted && _wire is not null && _frames.Count > 0)
        {
            _isPumping = true;
            _ = PumpAsync();
        }
    }

    private async Task PumpAsync()
    {
        // A step aside: the caller holds the lock and must not do the sending.
        await Task.Yield();
        while (Next() is var (wire, frame))
        {
            if (await wire.SendAsync(frame))
            {
                Delivered(frame);
            }
            else
            {
                Leave(wire);
            }
        }
    }

    private (SocketWire Wire, ReplyText Frame)? Next()
    {
        lock (_gate)
        {
            if (_wire is not null && _isStarted && _frames.TryPeek(out var frame))
            {
                return (_wire, frame);
            }

            _isPumping = false;
            return null;
        }
    }

    private void Delivered(ReplyText frame)
    {
        lock (_gate)
        {
            // The end of the session may have emptied the queue meanwhile.
            if (_frames.TryPeek(out var head) && head.Equals(frame))
            {
                _frames.Dequeue();
                _bytes -= frame.Held;
                Moved();
            }
        }
    }
}
