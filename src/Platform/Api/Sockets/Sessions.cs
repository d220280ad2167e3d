using Microsoft.Extensions.Options;

namespace Platform.Api.Sockets;

/// <summary>
/// The sessions of this node by tenant: which are held by a socket, and which wait for their client to come back. A session is only ever
/// found by its own tenant.
/// </summary>
internal sealed class Sessions(IOptions<SocketOptions> options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, List<Session>> _byTenant = [];
    private readonly SocketOptions _options = options.Value;

    /// <summary>Sessions that are held or kept at this moment.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byTenant.Values.Sum(static sessions => sessions.Count);
            }
        }
    }

    /// <summary>
    /// The session of that id if it is this tenant's and still kept, else a new one; null when the tenant has as many sockets as it may.
    /// A session that another socket still holds changes hands: the client knows better than we which of its sockets is dead.
    /// </summary>
    public Session? Open(Guid tenantId, Guid? wanted, SocketWire wire)
    {
        Session session;
        SocketWire? former;
        lock (_gate)
        {
            var own = _byTenant.TryGetValue(tenantId, out var known) ? known : _byTenant[tenantId] = [];
            var found = own.Find(one => one.Id == wanted);
            if (found is not { IsAttached: true } && own.Count(static one => one.IsAttached) >= _options.MaxPerTenant)
            {
                return null;
            }

            session = found ?? Add(own, tenantId);
            former = session.Take(wire);
        }

        if (former is not null)
        {
            _ = former.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, "Its session goes on over another socket.");
        }

        return session;
    }

    /// <summary>Forgets the sessions whose client stayed away too long.</summary>
    public void Expire()
    {
        var longest = TimeSpan.FromSeconds(_options.ReplaySeconds);
        lock (_gate)
        {
            foreach (var (tenantId, own) in _byTenant)
            {
                foreach (var late in own.FindAll(session => session.Absence > longest))
                {
                    Drop(own, late);
                }

                if (own.Count == 0)
                {
                    // The one change that a dictionary allows while it is walked.
                    _byTenant.Remove(tenantId);
                }
            }
        }
    }

    private Session Add(List<Session> own, Guid tenantId)
    {
        // As many may wait for their clients as may be held: else opening and breaking sockets would fill the memory.
        if (own.Count >= 2 * _options.MaxPerTenant && own.MaxBy(static session => session.Absence) is { } oldest)
        {
            Drop(own, oldest);
        }

        var session = new Session(tenantId, _options.QueueBytes, time);
        own.Add(session);
        return session;
    }

    private static void Drop(List<Session> own, Session session)
    {
        own.Remove(session);
        session.End();
    }
}
