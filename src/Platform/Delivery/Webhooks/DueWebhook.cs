namespace Platform.Delivery.Webhooks;

/// <summary>What is kept apart: the receivers of one tenant behind one scheme, host and port.</summary>
internal readonly record struct EndpointKey(Guid TenantId, string Endpoint)
{
    /// <summary>Stands for whatever endpoints of a tenant are not named by themselves.</summary>
    public static EndpointKey Others(Guid tenantId) => new(tenantId, "");
}

/// <summary>A webhook that this process has leased for one attempt.</summary>
internal sealed record DueWebhook
{
    /// <summary>The same for all attempts and replays.</summary>
    public required Guid WebhookId { get; init; }

    public required EndpointKey Key { get; init; }

    public required string Url { get; init; }

    /// <summary>The customer's.</summary>
    public required Guid TaskUuid { get; init; }

    /// <summary>The fence: a report counts only while the row carries this token.</summary>
    public required Guid LeaseToken { get; init; }

    /// <summary>1 for the first; replays go on counting.</summary>
    public required int Attempt { get; init; }

    /// <summary>Attempts of this round of the schedule that failed.</summary>
    public required int Step { get; init; }

    /// <summary>By the database's clock, which all nodes share: a sender whose own clock is wrong still signs a true timestamp.</summary>
    public required DateTimeOffset ClaimedAt { get; init; }

    /// <summary>From the moment it was due to its lease, by the same clock.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>The span that submitted its task.</summary>
    public byte[]? Trace { get; init; }

    /// <summary>The finished result; none for a task's error.</summary>
    public DeliveredItem? Item { get; init; }

    /// <summary>The stored error of a failed task.</summary>
    public byte[]? Error { get; init; }

    /// <summary>The task object as the customer sent it, beside an error.</summary>
    public byte[]? Request { get; init; }
}
