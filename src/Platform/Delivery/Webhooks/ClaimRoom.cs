namespace Platform.Delivery.Webhooks;

/// <summary>How many webhooks a claim may bring, in all and for each endpoint.</summary>
internal sealed record ClaimRoom
{
    public static ClaimRoom None { get; } = new() { Total = 0 };

    public required int Total { get; init; }

    /// <summary>For the endpoints of which more is known than nothing, and for the others of some tenants.</summary>
    public IReadOnlyDictionary<EndpointKey, int> Allowed { get; init; } = new Dictionary<EndpointKey, int>();

    /// <summary>For each of the others.</summary>
    public int AllowedUnknown { get; init; } = EndpointHealth.FirstLimit;

    /// <summary>Whether the rows may hold more that only lacked room, so that the end of an attempt is a reason to look again.</summary>
    public bool LeavesSomething(IReadOnlyList<DueWebhook> claimed) =>
        claimed.Count >= Total
        || AllowedUnknown == 0
        || Allowed.Values.Any(static allowed => allowed == 0)
        || claimed.CountBy(static webhook => webhook.Key)
            .Any(taken => taken.Value >= Allowed.GetValueOrDefault(taken.Key, AllowedUnknown));
}
