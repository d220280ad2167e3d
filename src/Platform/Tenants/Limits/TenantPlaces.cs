namespace Platform.Tenants.Limits;

/// <summary>
/// Places at something of this node that is scarce: so many in all, and so many of them for one tenant. Whoever waits for a place of its
/// tenant stands in nobody else's way.
/// </summary>
internal sealed class TenantPlaces(int places, int placesPerTenant, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly Dictionary<Guid, int> _taken = [];
    private int _free = places;

    /// <summary>A place, to be disposed; null when none has come free after <paramref name="patience"/>.</summary>
    public async Task<IDisposable?> EnterAsync(Guid tenantId, TimeSpan patience)
    {
        LinkedListNode<Waiter> waiter;
        lock (_gate)
        {
            if (TryTake(tenantId))
            {
                return new Place(this, tenantId);
            }

            if (patience <= TimeSpan.Zero)
            {
                return null;
            }

            waiter = _waiting.AddLast(new Waiter(tenantId));
        }

        try
        {
            await waiter.Value.Came.Task.WaitAsync(patience, time);
            return new Place(this, tenantId);
        }
        catch (TimeoutException)
        {
            return HasLeft(waiter) ? null : new Place(this, tenantId);
        }
    }

    // False where the place came at the last moment: it is the waiter's then.
    private bool HasLeft(LinkedListNode<Waiter> waiter)
    {
        lock (_gate)
        {
            if (waiter.List is null)
            {
                return false;
            }

            _waiting.Remove(waiter);
            return true;
        }
    }

    private bool TryTake(Guid tenantId)
    {
        var own = _taken.GetValueOrDefault(tenantId);
        if (_free == 0 || own >= placesPerTenant)
        {
            return false;
        }

        _free--;
        _taken[tenantId] = own + 1;
        return true;
    }

    private void Give(Guid tenantId)
    {
        lock (_gate)
        {
            _free++;
            if (--_taken[tenantId] == 0)
            {
                _taken.Remove(tenantId);
            }

            for (var waiter = _waiting.First; waiter is not null; waiter = waiter.Next)
            {
                if (TryTake(waiter.Value.TenantId))
                {
                    _waiting.Remove(waiter);
                    waiter.Value.Came.SetResult();
                    return;
                }
            }
        }
    }

    private sealed class Waiter(Guid tenantId)
    {
        public Guid TenantId => tenantId;

        public TaskCompletionSource Came { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Place(TenantPlaces places, Guid tenantId) : IDisposable
    {
        private int _isGiven;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGiven, 1) == 0)
            {
                places.Give(tenantId);
            }
        }
    }
}
