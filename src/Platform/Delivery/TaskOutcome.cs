using Platform.Catalog;

namespace Platform.Delivery;

/// <summary>A task as its row and its results show it at one moment: all that a reply is made of.</summary>
internal sealed record TaskOutcome
{
    public required Guid TaskId { get; init; }

    /// <summary>The name in the table: <c>open</c> while it waits or runs, then <c>succeeded</c>, <c>failed</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public required string State { get; init; }

    public required int NumberResults { get; init; }

    /// <summary>The rendered error, UTF-8 JSON; none unless the task ended without all its results.</summary>
    public byte[]? Error { get; init; }

    /// <summary>What is finished, in result order.</summary>
    public required IReadOnlyList<DeliveredItem> Items { get; init; }

    public bool IsFinal => State is not "open";
}

/// <summary>One finished result.</summary>
/// <param name="Json">The item as it was rendered when the result was finished, UTF-8.</param>
/// <param name="OutputType">For the two that carry the audio itself it is added on the way out.</param>
/// <param name="BlobKey">Where the file lies.</param>
internal sealed record DeliveredItem(byte[] Json, OutputType OutputType, string BlobKey);
