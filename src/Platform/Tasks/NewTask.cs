using Platform.Catalog;
using Platform.Pricing;

namespace Platform.Tasks;

/// <summary>A valid, priced task on its way into the table.</summary>
internal sealed record NewTask
{
    /// <summary>Ours, time-ordered; a statement that is sent twice recognises its own row by it.</summary>
    public required Guid TaskId { get; init; }

    public required Guid TenantId { get; init; }

    public required Guid KeyId { get; init; }

    /// <summary>The customer's.</summary>
    public required Guid TaskUuid { get; init; }

    public required SpeechSpec Spec { get; init; }

    public required string Pool { get; init; }

    /// <summary>Micro-USD for each result.</summary>
    public required long PricePerResult { get; init; }

    public required string PriceVersion { get; init; }

    /// <summary>What one result counts, such as code points, and what a million of them cost before rounding: finance asks for both.</summary>
    public required long Units { get; init; }

    public required long MicroUsdPerMillion { get; init; }

    /// <summary>Null where it is priced by the character.</summary>
    public PriceTerms? Terms { get; init; }

    /// <summary>Result <i>i</i> is spoken with this plus <i>i</i>; drawn once, so that a second attempt gives the same voice.</summary>
    public required long Seed { get; init; }

    /// <summary>Work divided by the tenant's weight: how far its share of the pool moves on.</summary>
    public required long VirtualCost { get; init; }

    /// <summary>Tasks that its tenant may have open.</summary>
    public required int MaxQueued { get; init; }

    /// <summary>Tasks of its tenant that may run at once; null where that is open.</summary>
    public int? MaxRunning { get; init; }

    /// <summary>The api node to tell when it is settled; none for an asynchronous task.</summary>
    public Guid? Waiter { get; init; }

    /// <summary>Where its results are announced, in the one spelling by which receivers are told apart; none where nobody asked.</summary>
    public string? WebhookUrl => Spec.WebhookUrl is { } url ? new Uri(url).AbsoluteUri : null;

    /// <summary>The span that submitted it, as a <see cref="Telemetry.TraceStamp"/>.</summary>
    public byte[]? Trace { get; init; }

    /// <summary>The task object as the customer sent it.</summary>
    public required ReadOnlyMemory<byte> Request { get; init; }
}
