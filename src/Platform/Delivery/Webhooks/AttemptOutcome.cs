using System.Text;

namespace Platform.Delivery.Webhooks;

/// <summary>What one attempt came to.</summary>
internal sealed record AttemptOutcome
{
    /// <summary>HTTP's; none when no answer came.</summary>
    public int? Status { get; init; }

    /// <summary>Why there was no success, in one sentence.</summary>
    public string? Error { get; init; }

    /// <summary>The first kilobyte of the answer's body, for whoever looks for the fault.</summary>
    public byte[]? Answer { get; init; }

    /// <summary>How long the receiver asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Of a webhook that nobody may sign any more: it was not sent, and will not be.</summary>
    public static AttemptOutcome Unsigned { get; } = new()
    {
        Error = "The tenant is erased; nothing is sent in its name any more.",
        Duration = TimeSpan.Zero,
        IsRefusedForGood = true,
    };

    public bool IsDelivered => Error is null && Status is >= 200 and < 300;

    /// <summary>An answer as text; what is no UTF-8, or was cut in the middle of a letter, shows as U+FFFD.</summary>
    public static string TextOf(byte[] answer) => Encoding.UTF8.GetString(answer).Replace('\0', '\uFFFD');

    /// <summary>The receiver is gone and says so (410), or nothing may be sent to it.</summary>
    public bool IsRefusedForGood { get; init; }
}

/// <summary>An attempt with the state that its webhook goes to.</summary>
/// <param name="State">A name of the table: <c>delivered</c>, <c>waiting</c> or <c>dead</c>.</param>
/// <param name="Delay">Until the next attempt, of a waiting one.</param>
/// <param name="StartedAt">By the database's clock.</param>
internal sealed record AttemptReport(
    DueWebhook Webhook, AttemptOutcome Outcome, string State, TimeSpan Delay, DateTimeOffset StartedAt);
