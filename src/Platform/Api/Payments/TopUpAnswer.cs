using Platform.Ledger.Stripe;

namespace Platform.Api.Payments;

/// <summary>A top-up as its tenant and operators see it.</summary>
/// <param name="AmountCents">US cents.</param>
/// <param name="Automatic">Whether it began by itself because little was left.</param>
/// <param name="Url">Where it is paid, while it is open.</param>
/// <param name="Failure">Why it was not paid, in a word such as <c>card_declined</c>.</param>
internal sealed record TopUpAnswer(
    Guid TopUpId, long AmountCents, string Currency, string State, bool Automatic, string? Reference, string? Url, string? Failure,
    DateTimeOffset CreatedAt, DateTimeOffset? EndedAt)
{
    public static TopUpAnswer Of(TopUp topUp) => new(
        topUp.TopUpId,
        Cents.Of(topUp.Amount),
        Cents.Currency,
        topUp.State,
        topUp.IsAutomatic,
        topUp.Reference,
        topUp.State == TopUp.Open ? topUp.Url : null,
        topUp.Failure,
        topUp.CreatedAt,
        topUp.EndedAt);
}

/// <summary>How a tenant pays. Amounts are micro-USD.</summary>
/// <param name="Owed">What refunds and disputes took back and the account did not have; taken from what comes in.</param>
internal sealed record PaymentsAnswer(string? StripeCustomer, AutomaticAnswer? AutomaticTopUp, long Owed)
{
    public static PaymentsAnswer Of(PayingCustomer? customer, long owed) => new(
        customer?.Customer,
        customer is { AutoBelow: { } below, AutoAmount: { } amount }
            ? new AutomaticAnswer(below, amount, customer.Failures, customer.LastFailure, customer.ResumesAt)
            : null,
        owed);
}

/// <summary>A tenant's automatic top-up. After failures it waits until <paramref name="ResumesAt"/>; setting it again ends the wait.</summary>
internal sealed record AutomaticAnswer(long Below, long Amount, int Failures, string? LastFailure, DateTimeOffset? ResumesAt);
