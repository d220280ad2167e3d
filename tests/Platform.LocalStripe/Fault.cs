namespace Platform.LocalStripe;

/// <summary>What goes wrong with a request.</summary>
internal enum Trouble
{
    /// <summary>An answer with <see cref="Fault.Status"/> and no effect.</summary>
    Refuse,

    /// <summary>The connection is cut before anything happens.</summary>
    CutBefore,

    /// <summary>It happens, and the connection is cut before the answer.</summary>
    CutAfter,

    /// <summary>It happens, and nobody ever gets an answer: for killing who waits.</summary>
    HangAfter,
}

/// <summary>Trouble with the next requests whose path begins so.</summary>
internal sealed class Fault(Trouble trouble, string path, int times = 1)
{
    private int left = times;

    public Trouble Trouble => trouble;

    public int Status { get; init; } = 500;

    public int? RetryAfter { get; init; }

    /// <summary>The header <c>Stripe-Should-Retry</c>.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>Of a POST alone, else of both.</summary>
    public bool IsPostOnly { get; init; } = true;

    /// <summary>Completes when a request has met it.</summary>
    public TaskCompletionSource Met { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Meets(string method, string asked) =>
        asked.StartsWith(path, StringComparison.Ordinal) && (!IsPostOnly || method == "POST") && Interlocked.Decrement(ref left) >= 0;
}
