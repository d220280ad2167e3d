using System.Globalization;
using Platform.Catalog;
using Platform.Tenants;
using Platform.Tenants.Limits;

namespace Platform.Api;

/// <summary>
/// The tenant's requests a second, whatever transport they come by. Each task object of an array counts by itself: those for which a token
/// is left go on and the others are refused, so that an array longer than the burst is not refused for ever.
/// </summary>
internal sealed class RateGate(RateLimiter limiter)
{
    public const string Ping = "ping";
    public const string Authentication = "authentication";

    /// <summary>Null where the task may go on, else why it may not and when it may come again.</summary>
    public TaskError? Refuse(TaskCall call)
    {
        return KindOf(call) is { } kind ? Refuse(call.Caller, kind) : null;
    }

    /// <summary>The same for a request that is no task.</summary>
    public TaskError? Refuse(Caller caller, RequestKind kind)
    {
        var (allowed, seconds) = limiter.Take(caller.TenantId, caller.Limits, kind);
        return allowed
            ? null
            : new TaskError(ErrorCodes.RateLimitExceeded, $"Too many requests in a short time. Send it again in {seconds} s.")
            {
                RetryAfterSeconds = seconds,
            };
    }

    /// <summary>
    /// The headers <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers-11) about what a request has used:
    /// <c>"tasks";q=2000;w=2</c> and <c>"tasks";r=1999;t=1</c>.
    /// </summary>
    public void Describe(IHeaderDictionary headers, Caller caller, IReadOnlyList<TaskCall> calls) =>
        Describe(headers, caller, calls.Select(KindOf).OfType<RequestKind>().Distinct());

    public void Describe(IHeaderDictionary headers, Caller caller, IEnumerable<RequestKind> kinds)
    {
        foreach (var kind in kinds)
        {
            var (shape, remaining, reset) = limiter.Read(caller.TenantId, caller.Limits, kind);
            var name = kind switch
            {
                RequestKind.Poll => "polls",
                RequestKind.Read => "reads",
                _ => "tasks",
            };
            headers.Append("RateLimit-Policy", string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={(long)shape.Burst};w={shape.Window}"));
            headers.Append("RateLimit", string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={remaining};t={reset}"));
        }
    }

    private static RequestKind? KindOf(TaskCall call) => call.TaskType switch
    {
        Ping or Authentication => null,
        GetResponseHandler.TaskType => RequestKind.Poll,
        _ => RequestKind.Task,
    };
}
