namespace Platform.Outbound;

/// <summary>What is wrong with an address that a customer named.</summary>
internal enum OutboundFault
{
    /// <summary>No URL, or one that two programs may read in two ways.</summary>
    Malformed,
    Scheme,
    Credentials,
    Port,

    /// <summary>The name has no address, or the look-up failed.</summary>
    Unresolved,

    /// <summary>At least one of its addresses is not public.</summary>
    Address,

    /// <summary>Too many names are being looked up, so that this one was not.</summary>
    Busy,

    /// <summary>The call took longer than it may.</summary>
    TimedOut,

    /// <summary>The answer is larger than it may be.</summary>
    TooLarge,
}

/// <summary>Why a URL may not be called.</summary>
/// <param name="Reason">
/// Completes "'webhookURL' ...". It is the same for a name without an address and one with a private address: what names exist inside is
/// nobody's business.
/// </param>
internal sealed record OutboundRefusal(OutboundFault Fault, string Reason);

/// <summary>
/// A call that the guard refused or ended. The same kind of exception as a broken connection, so that callers that do not care catch both
/// at once.
/// </summary>
internal sealed class OutboundException(OutboundRefusal refusal, Exception? inner = null)
    : HttpRequestException($"The address {refusal.Reason}.", inner)
{
    public OutboundRefusal Refusal { get; } = refusal;

    public OutboundFault Fault => Refusal.Fault;
}
