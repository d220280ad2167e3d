using Platform.Catalog;

namespace Platform.Tasks;

/// <summary>What has become of a task: a result that is ready now, and the state that it goes to.</summary>
internal sealed record Settlement
{
    public required Guid TaskId { get; init; }

    /// <summary>The fence. None closes the task whoever runs it: for cancelling and expiring.</summary>
    public Guid? LeaseToken { get; init; }

    /// <summary>A name of <see cref="TaskState"/>; running when more results are to come.</summary>
    public required string NextState { get; init; }

    /// <summary>A result that is ready now.</summary>
    public FinishedResult? Result { get; init; }

    /// <summary>The result is all that the task was to give, so that whoever waits for it need not read the rows.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Why there will be no further results, for the failing states.</summary>
    public byte[]? Error { get; init; }

    /// <summary>Wait before the next attempt, when the next state is pending.</summary>
    public TimeSpan Delay { get; init; }
}

/// <summary>One finished result: its file is stored and its item is rendered.</summary>
internal sealed record FinishedResult
{
    public required short Index { get; init; }

    public required Guid AudioUuid { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Size { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string BlobKey { get; init; }

    /// <summary>Whether the item below is whole, or lacks the audio that each reply then adds from the file.</summary>
    public required OutputType OutputType { get; init; }

    /// <summary>Micro-USD, where the result itself tells; null: the price that was fixed at acceptance.</summary>
    public long? Cost { get; init; }

    /// <summary>What that cost counts.</summary>
    public long? Units { get; init; }

    /// <summary>The item as every reply shows it, UTF-8 JSON.</summary>
    public required byte[] Item { get; init; }
}
