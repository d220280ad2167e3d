namespace Platform.Delivery.Webhooks;

/// <summary>What this process knows of one endpoint. Guarded by <see cref="Endpoints"/>.</summary>
internal sealed class EndpointHealth
{
    /// <summary>An endpoint that nobody knows yet starts with this many attempts at a time and earns one more with each success.</summary>
    public const int FirstLimit = 8;

    /// <summary>Without an answer for this long an endpoint is slow, and its attempts leave the room of the quick ones.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(500);

    public int InFlight { get; private set; }

    public int Limit { get; private set; } = FirstLimit;

    /// <summary>Since the last success.</summary>
    public int Failures { get; private set; }

    public long FailingSince { get; private set; }

    /// <summary>When the last attempt began.</summary>
    public long BegunAt { get; private set; }

    /// <summary>When the last answer came, or the first of those in flight began.</summary>
    public long ProgressAt { get; private set; }

    public bool IsSlow(TimeProvider time) => Failures > 0 || (InFlight > 0 && time.GetElapsedTime(ProgressAt) > Slow);

    /// <summary>Whether it has failed so often and so long that one attempt at a time is enough to find out about its return.</summary>
    public bool IsOpen(WebhookOptions options, TimeProvider time) =>
        Failures >= options.BreakerFailures && time.GetElapsedTime(FailingSince).TotalSeconds >= options.BreakerSeconds;

    public void Begin(long now)
    {
        BegunAt = now;
        if (InFlight++ == 0)
        {
            ProgressAt = now;
        }
    }

    public void Answer(bool isDelivered, int mostInFlight, long now)
    {
        ProgressAt = now;
        if (isDelivered)
        {
            Failures = 0;
            Limit = Math.Min(Limit + 1, mostInFlight);
        }
        else if (Failures++ == 0)
        {
            FailingSince = now;
        }
    }

    public void End() => InFlight--;
}
