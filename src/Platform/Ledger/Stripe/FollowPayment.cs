using Platform.Persistence;
using Stripe;
using Stripe.Checkout;

namespace Platform.Ledger.Stripe;

/// <summary>What came of following an object of Stripe.</summary>
/// <param name="State">As <c>stripe_events</c> keeps it: <c>done</c>, <c>ignored</c> (none of ours), <c>refused</c> (it says it is, and is not right).</param>
/// <param name="Detail">One sentence.</param>
internal sealed record Followed(string State, string Detail)
{
    public const string Done = "done";
    public const string Ignored = "ignored";
    public const string Refused = "refused";

    public Guid? TenantId { get; init; }

    /// <summary>Of the payment, as Stripe calls it.</summary>
    public string? Status { get; init; }

    public static Followed NotOurs { get; } = new(Ignored, "It is none of this platform's.");
}

/// <summary>
/// Brings our books to where a payment stands at Stripe at this moment. Nothing rests on the event that led here, so that events may come twice,
/// late and in any order; the credit's reference is the payment's id, so that it is booked once.
/// </summary>
internal sealed partial class FollowPayment(
    StripeAccess stripe, TopUps topUps, AddCredit credit, Database database, ILogger<FollowPayment> log)
{
    public async Task<Followed> RunSessionAsync(string session, CancellationToken cancellation)
    {
        var found = await stripe.Client.V1.Checkout.Sessions.GetAsync(session, cancellationToken: cancellation);
        var followed = found.PaymentIntentId is { } payment
            ? await RunAsync(payment, cancellation)
            : new Followed(Followed.Done, "Nothing was paid yet.");
        return await EndAsync(found, followed, cancellation);
    }

    public Task<Followed> RunAsync(string payment, CancellationToken cancellation) =>
        database.AloneAsync(payment, () => FollowAsync(payment, cancellation), cancellation);

    private async Task<Followed> FollowAsync(string id, CancellationToken cancellation)
    {
        var payment = await stripe.Client.V1.PaymentIntents.GetAsync(id, cancellationToken: cancellation);
        if (payment.Metadata?.GetValueOrDefault(Marks.TopUp) is not { } mark)
        {
            return Followed.NotOurs;
        }

        var topUp = Guid.TryParse(mark, out var topUpId) ? await topUps.FindAsync(topUpId, cancellation) : null;
        if (await FindFaultAsync(payment, topUp, cancellation) is { } fault)
        {
            LogRefused(log, payment.Id, fault);
            return new Followed(Followed.Refused, fault) { TenantId = topUp?.TenantId };
        }

        return await ApplyAsync(payment, topUp!, cancellation) with { TenantId = topUp!.TenantId };
    }

    private async Task<string?> FindFaultAsync(PaymentIntent payment, TopUp? topUp, CancellationToken cancellation)
    {
        if (topUp is null)
        {
            return "It names a top-up that is unknown here.";
        }

        if (payment.Livemode != stripe.IsLive)
        {
            return "It is of the other mode, test or live.";
        }

        if (payment.Currency != Cents.Currency)
        {
            return "It is not in USD.";
        }

        if (payment.Amount != Cents.Of(topUp.Amount) || (payment.Status == "succeeded" && payment.AmountReceived != payment.Amount))
        {
            return "Its amount is not that of the top-up.";
        }

        if (payment.CustomerId is null || !await topUps.IsPayerAsync(topUp, payment.CustomerId, cancellation))
        {
            return "Its customer is not the tenant's.";
        }

        return topUp.Payment is { } other && other != payment.Id ? $"The top-up was paid by {other} already." : null;
    }

    private async Task<Followed> ApplyAsync(PaymentIntent payment, TopUp topUp, CancellationToken cancellation)
    {
        switch (payment.Status)
        {
            case "succeeded":
                var booked = await credit.BookAsync(
                    new CreditOrder(topUp.TenantId, topUp.Amount, Marks.ReferenceOf(payment.Id), $"Top-up {topUp.TopUpId}"), Marks.Actor,
                    cancellation);
                // After the credit: while the row is open no other automatic top-up begins.
                await topUps.SetPaidAsync(topUp.TopUpId, payment.Id, cancellation);
                LogPaid(log, topUp.TopUpId, topUp.TenantId, topUp.Amount, payment.Id);
                return new Followed(Followed.Done, booked.IsNew ? "Credited." : "It was credited before.");
            case "canceled":
                await topUps.EndAsync(topUp.TopUpId, TopUp.Failed, "canceled", cancellation);
                return new Followed(Followed.Done, "The payment was canceled.");
            default:
                // A customer whose card was declined may try another one in the same session; an automatic payment has nobody who would.
                return new Followed(Followed.Done, $"The payment is {payment.Status}.") { Status = payment.Status };
        }
    }

    // A session that is over takes no other card.
    private async Task<Followed> EndAsync(Session session, Followed followed, CancellationToken cancellation)
    {
        var topUp = Guid.TryParse(session.ClientReferenceId, out var id) ? await topUps.FindAsync(id, cancellation) : null;
        if (topUp is null)
        {
            return followed.State == Followed.Refused ? followed : Followed.NotOurs;
        }

        var ended = (session.Status, followed.Status) switch
        {
            ("expired", _) => await topUps.EndAsync(topUp.TopUpId, TopUp.Expired, "nobody paid in time", cancellation),
            ("complete", "requires_payment_method") => await topUps.EndAsync(topUp.TopUpId, TopUp.Failed, "payment_failed", cancellation),
            _ => false,
        };
        return (ended ? new Followed(Followed.Done, "It ended unpaid.") : followed) with { TenantId = topUp.TenantId };
    }

    [LoggerMessage(
        EventId = 4704, Level = LogLevel.Information, Message = "Top-up {TopUp} of tenant {Tenant} was paid: {MicroUsd} micro-USD by {Payment}")]
    private static partial void LogPaid(ILogger log, Guid topUp, Guid tenant, long microUsd, string payment);

    [LoggerMessage(EventId = 4705, Level = LogLevel.Error, Message = "Payment {Payment} was not credited: {Reason}")]
    private static partial void LogRefused(ILogger log, string payment, string reason);
}
