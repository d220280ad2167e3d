using Microsoft.Extensions.Options;

namespace Platform.Delivery.Webhooks;

/// <summary>
/// Keeps receivers apart. What answers well has room of its own; what is slow or fails moves to a second room, in which each such endpoint
/// has its place, so that no number of dead receivers takes anything from the living.
/// </summary>
internal sealed partial class Endpoints(IOptions<WebhookOptions> options, TimeProvider time, ILogger<Endpoints> log)
{
    private const int LargestMemory = 10_000;

    // New receivers that turn out to be silent leave the quick room faster than their attempts end. This many rooms full of them are
    // borne beyond the slow room before nothing new begins: that is the bound of memory.
    private const int Overflow = 4;

    // With less an endpoint would cost more to visit than its webhooks to send.
    private const int LeastShare = 2;

    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private readonly WebhookOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly Dictionary<EndpointKey, EndpointHealth> _known = [];

    public int Known
    {
        get
        {
            lock (_gate)
            {
                return _known.Count;
            }
        }
    }

    /// <param name="visited">
    /// Endpoints that the last claim visited. The quick room is shared out among as many, so that one claim reaches all of them instead of
    /// filling up at the first few, and a retry waits for no more than the next claim. Those that are slow or fail take from their own room.
    /// </param>
    public ClaimRoom FindRoom(int visited = 1)
    {
        lock (_gate)
        {
            Forget();
            var slow = _known.Where(one => one.Value.IsSlow(time)).OrderBy(static one => one.Value.BegunAt).ToList();
            var crowded = slow.GroupBy(static one => one.Key.TenantId)
                .Where(tenant => tenant.Sum(static one => one.Value.InFlight) >= _options.MaxInFlightSlowTenant)
                .Select(static tenant => tenant.Key).ToHashSet();
            var inFlight = _known.Values.Sum(static one => one.InFlight);
            var slowInFlight = slow.Sum(static one => one.Value.InFlight);
            var free = Math.Max(0, (Overflow * _options.MaxInFlight) + _options.MaxInFlightSlow - inFlight);
            var quickFree = Math.Clamp(_options.MaxInFlight - (inFlight - slowInFlight), 0, free);
            var slowFree = Math.Max(0, _options.MaxInFlightSlow - slowInFlight);
            // Without room of their own the quick ones must not take that of the slow.
            var share = quickFree == 0 ? 0 : Math.Max(LeastShare, quickFree / Math.Max(1, visited));
            var allowed = _known.ToDictionary(
                static one => one.Key, one => Math.Clamp(one.Value.Limit - one.Value.InFlight, 0, share));
            foreach (var tenantId in crowded)
            {
                // New receivers of a tenant that has so many slow ones are not trusted before some of those have answered.
                allowed[EndpointKey.Others(tenantId)] = 0;
            }

            slow.Where(one => crowded.Contains(one.Key.TenantId)).ToList().ForEach(one => allowed[one.Key] = 0);
            var total = quickFree + ShareOut(slow.FindAll(one => !crowded.Contains(one.Key.TenantId)), slowFree, allowed);
            return total == 0 ? ClaimRoom.None : new ClaimRoom
            {
                Total = total,
                Allowed = allowed,
                // While the slow room is full, nobody unknown is trusted with more than one attempt.
                AllowedUnknown = Math.Min(share, slowFree > 0 ? EndpointHealth.FirstLimit : 1),
            };
        }
    }

    public void Begin(EndpointKey key)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(key, out var health))
            {
                _known[key] = health = new EndpointHealth();
            }

            health.Begin(time.GetTimestamp());
        }
    }

    /// <summary>The receiver has answered or failed; its attempt keeps its place until it is reported.</summary>
    public void Answer(EndpointKey key, bool isDelivered)
    {
        bool wasOpen, isOpen;
        lock (_gate)
        {
            var health = _known[key];
            wasOpen = health.IsOpen(_options, time);
            health.Answer(isDelivered, _options.MaxInFlightEndpoint, time.GetTimestamp());
            isOpen = health.IsOpen(_options, time);
        }

        if (isOpen && !wasOpen)
        {
            LogOpened(log, key.Endpoint, key.TenantId);
        }
        else if (wasOpen && !isOpen)
        {
            LogClosed(log, key.Endpoint, key.TenantId);
        }
    }

    public void End(EndpointKey key)
    {
        lock (_gate)
        {
            _known[key].End();
        }
    }

    // Each has a few places for sure; what is left beyond those is for whoever needs it, since most that fail do so quickly and need none. The
    // endpoint that was served longest ago comes first, so that one by one all get their turn when there are more than places.
    private int ShareOut(List<KeyValuePair<EndpointKey, EndpointHealth>> slow, int free, Dictionary<EndpointKey, int> allowed)
    {
        var sure = Math.Clamp(_options.MaxInFlightSlow / Math.Max(1, slow.Count), 1, EndpointHealth.FirstLimit);
        var given = 0;
        foreach (var (key, health) in slow)
        {
            allowed[key] = Math.Clamp(Math.Min(sure, LimitOf(health)) - health.InFlight, 0, free - given);
            given += allowed[key];
        }

        var rest = free - given;
        foreach (var (key, health) in slow)
        {
            allowed[key] = Math.Max(allowed[key], Math.Clamp(LimitOf(health) - health.InFlight, 0, rest));
        }

        return Math.Min(free, slow.Sum(one => allowed[one.Key]));
    }

    private int LimitOf(EndpointHealth health) => health.IsOpen(_options, time) ? 1 : _options.MaxInFlightEndpoint;

    // An endpoint that is forgotten starts again like a new one.
    private void Forget()
    {
        if (_known.Count < LargestMemory / 10)
        {
            return;
        }

        var longest = _known.Count < LargestMemory ? Memory : TimeSpan.Zero;
        foreach (var (key, health) in _known)
        {
            if (health.InFlight == 0 && time.GetElapsedTime(health.ProgressAt) > longest)
            {
                _known.Remove(key);
            }
        }
    }

    [LoggerMessage(
        EventId = 4304,
        Level = LogLevel.Warning,
        Message = "Webhooks to {Endpoint} of tenant {TenantId} keep failing: one attempt at a time until it answers")]
    private static partial void LogOpened(ILogger log, string endpoint, Guid tenantId);

    [LoggerMessage(EventId = 4305, Level = LogLevel.Information, Message = "Webhooks to {Endpoint} of tenant {TenantId} arrive again")]
    private static partial void LogClosed(ILogger log, string endpoint, Guid tenantId);
}
