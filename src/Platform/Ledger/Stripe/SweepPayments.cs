namespace Platform.Ledger.Stripe;

/// <summary>
/// The sweep on which no payment stays lost, where Stripe is configured: events that could not be applied, what tenants owe, automatic top-ups, and
/// usage. Any number of nodes may run it.
/// </summary>
internal sealed class SweepPayments(
    StripeAccess stripe, ApplyEvents events, FollowReversal reversals, AutomaticTopUps automatic, SendUsage usage)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (stripe.IsConfigured)
        {
            await events.RunAsync(null, cancellation);
            await reversals.CollectAsync(cancellation);
            await automatic.RunAsync(cancellation);
            await usage.RunAsync(cancellation);
        }
    }
}
