using System.Runtime.InteropServices;
using Platform.Catalog;

namespace Platform.Api;

/// <summary>
/// Bytes of bodies and frames that this process holds at once, and how many of them may be one tenant's: a crowd of senders must not fill
/// the memory, and no tenant take the others' room. Only what is larger than <see cref="Free"/> counts.
/// </summary>
internal sealed class IncomingRoom(long bytes, long bytesPerTenant)
{
    /// <summary>A body or frame of so many bytes needs no room.</summary>
    public const int Free = 64 * 1024;

    private const int RetryAfterSeconds = 2;

    private static readonly TaskError Busy = new(
        ErrorCodes.ServiceUnavailable, "The platform takes in too many large requests at the moment. Nothing was accepted; try again.");

    private readonly TaskError _crowded = new(
        ErrorCodes.RateLimitExceeded,
        $"The account sends more than {bytesPerTenant} bytes at once. Nothing was accepted; send it again when some of them have been taken.")
    {
        RetryAfterSeconds = RetryAfterSeconds,
    };

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _byTenant = [];
    private long _taken;

    /// <summary>For one body or frame of a tenant; takes nothing yet.</summary>
    public RoomLease Enter(Guid tenantId) => new(this, tenantId);

    /// <summary>Null, or why there is no more room.</summary>
    internal TaskError? Take(Guid tenantId, long more)
    {
        lock (_gate)
        {
            ref var own = ref CollectionsMarshal.GetValueRefOrAddDefault(_byTenant, tenantId, out _);
            var refusal = own + more > bytesPerTenant ? _crowded : _taken + more > bytes ? Busy : null;
            if (refusal is null)
            {
                own += more;
                _taken += more;
            }
            else if (own == 0)
            {
                _byTenant.Remove(tenantId);
            }

            return refusal;
        }
    }

    internal void Give(Guid tenantId, long taken)
    {
        lock (_gate)
        {
            _taken -= taken;
            ref var own = ref CollectionsMarshal.GetValueRefOrNullRef(_byTenant, tenantId);
            own -= taken;
            if (own == 0)
            {
                _byTenant.Remove(tenantId);
            }
        }
    }
}

/// <summary>What one body or frame takes of the room, until the last of its tasks is let go.</summary>
internal sealed class RoomLease(IncomingRoom room, Guid tenantId)
{
    private long _taken;
    private int _owners = 1;

    /// <summary>Why there was no more room; null while there was.</summary>
    public TaskError? Refusal { get; private set; }

    /// <summary>Makes room for so many bytes in all.</summary>
    public bool TryReach(long length)
    {
        if (length <= IncomingRoom.Free || length <= _taken)
        {
            return true;
        }

        Refusal = room.Take(tenantId, length - _taken);
        if (Refusal is null)
        {
            _taken = length;
        }

        return Refusal is null;
    }

    /// <summary>So many will release it.</summary>
    public void Share(int owners) => Volatile.Write(ref _owners, owners);

    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) == 0 && _taken > 0)
        {
            room.Give(tenantId, _taken);
        }
    }
}
