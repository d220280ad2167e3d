using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace Platform.Tenants.Limits;

/// <summary>
/// Requests a second of each tenant, decided in memory. System.Threading.RateLimiting does not serve here: its buckets can neither
/// be told what other nodes let through nor owe anything.
/// </summary>
internal sealed class RateLimiter(IOptions<LimitsOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<BucketKey, RateBucket> _buckets = new();
    private readonly LimitsOptions _options = options.Value;

    /// <summary>Buckets that are kept at this moment.</summary>
    public int Count => _buckets.Count;

    /// <summary>Counts one request of a tenant, if it may go on.</summary>
    public RateVerdict Take(Guid tenantId, TenantLimits limits, RequestKind kind)
    {
        var shape = _options.ShapeOf(limits, kind);
        while (true)
        {
            if (Bucket(tenantId, shape, kind).TryTake(shape) is { } verdict)
            {
                return verdict;
            }
        }
    }

    public RateReading Read(Guid tenantId, TenantLimits limits, RequestKind kind) =>
        Bucket(tenantId, _options.ShapeOf(limits, kind), kind).Read();

    /// <summary>The buckets that have something to tell or to learn, in an order that is the same on every node.</summary>
    public IReadOnlyList<(BucketKey Key, RateBucket Bucket, RateReport Report)> Report()
    {
        var reports = new List<(BucketKey, RateBucket, RateReport)>();
        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.Report() is { } report)
            {
                reports.Add((key, bucket, report));
            }
            else if (bucket.TryRetire(Idle))
            {
                _buckets.TryRemove(KeyValuePair.Create(key, bucket));
            }
        }

        return reports;
    }

    private RateBucket Bucket(Guid tenantId, RateShape shape, RequestKind kind) => _buckets.GetOrAdd(
        new BucketKey(tenantId, kind), static (_, made) => new RateBucket(made.shape, made.time), (shape, time));
}

/// <summary>Whose bucket, and for what.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BucketKey(Guid TenantId, RequestKind Kind);
