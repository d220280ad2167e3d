using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Platform.Delivery.Upload;

/// <summary>
/// How many tasks of this process may be on their way to customers' servers: so many to each server, so many of each tenant, so many in all.
/// Who comes to a full server is told when to come again, and those that are told form a queue in time, so that however many wait for a server
/// that hangs, they come back no faster than it lets them go.
/// </summary>
internal sealed class UploadRoom(IOptions<UploadOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly UploadOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly Dictionary<UploadTarget, Queue> _servers = [];
    private readonly Dictionary<Guid, Queue> _tenants = [];
    private int _all;

    /// <summary>Servers that somebody is on the way to.</summary>
    public int Known
    {
        get
        {
            lock (_gate)
            {
                return _servers.Count;
            }
        }
    }

    /// <summary>A place, to be disposed when the upload is over; or after how long to ask again.</summary>
    public (UploadPlace? Place, TimeSpan ComeAgain) Enter(UploadTarget target)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var server = _servers.GetValueOrDefault(target);
            var tenant = _tenants.GetValueOrDefault(target.TenantId);
            if (server?.Inside >= _options.MaxInFlightEndpoint)
            {
                return (null, Postpone(server, now));
            }

            // A tenant that has nothing on its way gets a place in a full house too: others must not keep it out.
            if (tenant is not null && (tenant.Inside >= _options.MaxInFlightTenant || _all >= _options.MaxInFlight))
            {
                return (null, Postpone(tenant, now));
            }

            (_servers[target] = server ?? new Queue()).Enter(now);
            (_tenants[target.TenantId] = tenant ?? new Queue()).Enter(now);
            _all++;
            return (new UploadPlace(() => Leave(target, now)), TimeSpan.Zero);
        }
    }

    private void Leave(UploadTarget target, long enteredAt)
    {
        lock (_gate)
        {
            _all--;
            Leave(_servers, target, enteredAt);
            Leave(_tenants, target.TenantId, enteredAt);
        }
    }

    // What nobody is on the way to is forgotten: nobody waits for it either.
    private void Leave<TKey>(Dictionary<TKey, Queue> queues, TKey key, long enteredAt)
        where TKey : notnull
    {
        queues[key].Leave(enteredAt, time.GetElapsedTime(enteredAt));
        if (queues[key].Inside == 0)
        {
            queues.Remove(key);
        }
    }

    private TimeSpan Postpone(Queue queue, long now)
    {
        var pace = queue.Stay(now, time) / queue.Inside;
        var turn = Math.Max(queue.NextTurn, now) + (long)(pace.TotalSeconds * time.TimestampFrequency);
        var wait = time.GetElapsedTime(now, turn);
        if (wait > Longest)
        {
            // So far ahead nobody knows. Scattered, so that they do not come back together.
            return Longest * (0.5 + (RandomNumberGenerator.GetInt32(1000) / 2000.0));
        }

        queue.NextTurn = turn;
        return wait < Shortest ? Shortest : wait;
    }

    /// <summary>Who is on the way to one server, or of one tenant, and when the next may come. Guarded by the room.</summary>
    private sealed class Queue
    {
        private readonly SortedDictionary<long, int> _entered = [];
        private TimeSpan _usual;

        public int Inside { get; private set; }

        public long NextTurn { get; set; }

        public void Enter(long now)
        {
            Inside++;
            _entered[now] = _entered.GetValueOrDefault(now) + 1;
        }

        public void Leave(long enteredAt, TimeSpan stayed)
        {
            Inside--;
            if (--_entered[enteredAt] == 0)
            {
                _entered.Remove(enteredAt);
            }

            _usual = _usual == TimeSpan.Zero ? stayed : (_usual * 0.9) + (stayed * 0.1);
        }

        /// <summary>How long one stays: as the last ones did, or, when all hang, as long as the first has been here already.</summary>
        public TimeSpan Stay(long now, TimeProvider time)
        {
            var longest = _entered.Count > 0 ? time.GetElapsedTime(_entered.First().Key, now) : Shortest;
            return longest > _usual ? longest : _usual;
        }
    }
}

/// <summary>What is kept apart: the servers of one tenant by host and port.</summary>
internal readonly record struct UploadTarget(Guid TenantId, string Server)
{
    /// <param name="endpoint">As the customer sent it, with its placeholders.</param>
    public static UploadTarget Of(Guid tenantId, string endpoint) =>
        new(tenantId, new Uri(UploadAddress.Fill(endpoint, 0, Guid.Empty)).Authority);
}

/// <summary>A place in the room; disposing it twice is fine.</summary>
internal sealed class UploadPlace(Action leave) : IDisposable
{
    private Action? _leave = leave;

    public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
}
