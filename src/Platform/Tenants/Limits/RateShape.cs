using System.Runtime.InteropServices;

namespace Platform.Tenants.Limits;

/// <summary>What is counted apart: a customer that polls often must not lose the right to send tasks.</summary>
internal enum RequestKind
{
    /// <summary>Every task object of a request, but those of the other kind and <c>ping</c> and <c>authentication</c>, which are free.</summary>
    Task,

    /// <summary><c>getResponse</c>.</summary>
    Poll,

    /// <summary>A tenant's reads about itself: <c>GET /v1/ledger</c> and its neighbours.</summary>
    Read,
}

/// <summary>A token bucket's measures.</summary>
/// <param name="Rate">Tokens a second.</param>
/// <param name="Burst">Tokens that a full bucket holds; at least one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RateShape(double Rate, double Burst)
{
    /// <summary>Seconds in which an empty bucket fills.</summary>
    public int Window => Math.Max(1, (int)Math.Ceiling(Burst / Rate));
}

/// <summary>Whether a request may go on.</summary>
/// <param name="WaitSeconds">Where it may not: when the next one may; at least one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RateVerdict(bool Allowed, int WaitSeconds);

/// <summary>A bucket as a reply's headers show it.</summary>
/// <param name="Remaining">Requests that may be sent at once; never negative.</param>
/// <param name="ResetSeconds">Until the next request may be sent when none remains, else until all of the burst may.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RateReading(RateShape Shape, long Remaining, int ResetSeconds);
