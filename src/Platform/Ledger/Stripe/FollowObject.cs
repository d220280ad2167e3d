namespace Platform.Ledger.Stripe;

/// <summary>Brings our books to where one object of Stripe stands, by its id: what an operator does after the reconciliation named it.</summary>
internal sealed class FollowObject(FollowPayment payments, FollowReversal reversals, FollowInvoice invoices)
{
    /// <summary>Null for an id that is none of a session, payment, refund, dispute or invoice.</summary>
    public async Task<Followed?> RunAsync(string id, CancellationToken cancellation) => id.Split('_')[0] switch
    {
        "cs" => await payments.RunSessionAsync(id, cancellation),
        "pi" => await payments.RunAsync(id, cancellation),
        "re" or "pyr" => await reversals.RunRefundAsync(id, cancellation),
        "dp" or "du" or "pdp" => await reversals.RunDisputeAsync(id, cancellation),
        "in" => await invoices.RunAsync(id, cancellation),
        _ => null,
    };

    /// <summary>All refunds of a payment.</summary>
    public Task<Followed> RunRefundsAsync(string payment, CancellationToken cancellation) => reversals.RunPaymentAsync(payment, cancellation);
}
