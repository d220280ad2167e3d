namespace Platform.Delivery.Webhooks;

/// <summary>When a webhook that failed is tried again (contract, section 6): soon at first, for a receiver that restarts, then for days.</summary>
internal static class WebhookSchedule
{
    private const double Jitter = 0.2;

    // A receiver may ask for more patience than the schedule has, within reason: an hour is what a maintenance window needs.
    private static readonly TimeSpan LongestWish = TimeSpan.FromHours(1);

    private static readonly double[] Seconds = [0.25, 0.5, 1, 2, 4, 8, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

    /// <summary>The plain waits between attempts, in order.</summary>
    public static IReadOnlyList<TimeSpan> Delays { get; } = [.. Seconds.Select(TimeSpan.FromSeconds)];

    /// <summary>The wait after a failed attempt; none after the last.</summary>
    /// <param name="step">Attempts that failed before this one, from 0.</param>
    /// <param name="dice">From 0 to 1: where in the range of ±20 % it falls, so that what failed together does not come back together.</param>
    /// <param name="wish">The receiver's Retry-After.</param>
    public static TimeSpan? After(int step, double dice, TimeSpan? wish)
    {
        if (step >= Seconds.Length)
        {
            return null;
        }

        var delay = Delays[step] * (1 - Jitter + (2 * Jitter * dice));
        var wanted = wish is { } asked && asked > LongestWish ? LongestWish : wish;
        return wanted > delay ? wanted : delay;
    }
}
