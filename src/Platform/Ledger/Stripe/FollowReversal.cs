using Platform.Persistence;
using Stripe;

namespace Platform.Ledger.Stripe;

/// <summary>A refund or a dispute as it stands at Stripe.</summary>
/// <param name="Due">Micro-USD that Stripe took back for it at this moment: all of it, or nothing.</param>
internal sealed record Reversal(string Id, string Kind, string? Payment, long Amount, long Due, string Status, DateTimeOffset CreatedAt);

/// <summary>
/// Takes back what Stripe took back: refunds, whole or in part, and disputes while their money is gone; gives it again when a refund fails or a dispute is
/// won. An account that no longer has it gives what it has, the rest is owed and taken from what comes in, since available never goes below zero.
/// </summary>
internal sealed partial class FollowReversal(
    StripeAccess stripe, FollowPayment payments, AddCredit credit, Database database, ILogger<FollowReversal> log)
{
    private const int MostSteps = 20;

    private const string Write =
        """
        insert into stripe_reversals (reversal, kind, tenant_id, payment, amount, due, status, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (reversal) do update set due = excluded.due, status = excluded.status, changed_at = now()
        """;

    private const string Taken =
        """
        with parts as (
            select count(*) as entries, coalesce(sum(case kind when 'debit' then amount else -amount end), 0)::bigint as taken
              from ledger_entries where tenant_id = $1 and (reference = $2 or starts_with(reference, $2 || '#')))
        update stripe_reversals r set taken = p.taken from parts p where r.reversal = $3 returning p.entries, p.taken, r.due
        """;

    public Task<Followed> RunRefundAsync(string id, CancellationToken cancellation) => database.AloneAsync(
        id,
        async () => await FollowAsync(Of(await stripe.Client.V1.Refunds.GetAsync(id, cancellationToken: cancellation)), cancellation),
        cancellation);

    public Task<Followed> RunDisputeAsync(string id, CancellationToken cancellation) => database.AloneAsync(
        id,
        async () => await FollowAsync(Of(await stripe.Client.V1.Disputes.GetAsync(id, cancellationToken: cancellation)), cancellation),
        cancellation);

    /// <summary>All refunds of a payment: an event about a charge does not say which it is about.</summary>
    public async Task<Followed> RunPaymentAsync(string payment, CancellationToken cancellation)
    {
        var followed = await payments.RunAsync(payment, cancellation);
        await foreach (var refund in stripe.Client.V1.Refunds.ListAutoPagingAsync(
            new RefundListOptions { PaymentIntent = payment, Limit = 100 }, cancellationToken: cancellation))
        {
            followed = await RunRefundAsync(refund.Id, cancellation);
        }

        return followed;
    }

    /// <summary>Takes what is owed from whatever came in meanwhile.</summary>
    public async Task CollectAsync(CancellationToken cancellation)
    {
        var owed = await database.ListAsync(
            """
            select r.reversal, r.kind, r.tenant_id from stripe_reversals r join accounts a using (tenant_id)
             where r.taken <> r.due and (r.taken > r.due or a.balance + a.credit_limit - a.held > 0)
             order by r.created_at limit 100
            """,
            static row => (Id: row.GetString(0), Kind: row.GetString(1), Tenant: row.GetGuid(2)), cancellation);
        foreach (var (id, kind, tenant) in owed)
        {
            await database.AloneAsync(id, () => MoveAsync(id, kind, tenant, cancellation), cancellation);
        }
    }

    /// <summary>Micro-USD that were taken back at Stripe and that the tenant's account did not have.</summary>
    public async Task<long> OwedAsync(Guid tenantId, CancellationToken cancellation) => (await database.ListAsync(
        "select coalesce(sum(due - taken), 0)::bigint from stripe_reversals where tenant_id = $1 and taken <> due",
        static row => row.GetInt64(0), cancellation, tenantId))[0];

    internal static Reversal Of(Refund refund)
    {
        var amount = Cents.ToMicroUsd(refund.Amount);
        return new Reversal(
            refund.Id, "refund", refund.PaymentIntentId, amount, refund.Status is "failed" or "canceled" ? 0 : amount, refund.Status,
            new DateTimeOffset(refund.Created, TimeSpan.Zero));
    }

    // An inquiry (warning_…) takes no money, a dispute that was won or prevented gives it back.
    internal static Reversal Of(Dispute dispute)
    {
        var amount = Cents.ToMicroUsd(dispute.Amount);
        return new Reversal(
            dispute.Id, "dispute", dispute.PaymentIntentId, amount, dispute.Status is "needs_response" or "under_review" or "lost" ? amount : 0,
            dispute.Status, new DateTimeOffset(dispute.Created, TimeSpan.Zero));
    }

    private async Task<Followed> FollowAsync(Reversal reversal, CancellationToken cancellation)
    {
        // The payment first: its own event may be behind this one.
        if (reversal.Payment is null || await payments.RunAsync(reversal.Payment, cancellation) is not { TenantId: { } tenant } payment)
        {
            return Followed.NotOurs;
        }

        if (payment.State == Followed.Refused)
        {
            return payment;
        }

        await database.ChangeAsync(
            Write, cancellation,
            reversal.Id, reversal.Kind, tenant, reversal.Payment, reversal.Amount, reversal.Due, reversal.Status, reversal.CreatedAt);
        var owed = await MoveAsync(reversal.Id, reversal.Kind, tenant, cancellation);
        return new Followed(Followed.Done, owed > 0 ? $"Taken back, but for {owed} micro-USD that are owed." : $"The {reversal.Kind} is {reversal.Status}.")
        {
            TenantId = tenant,
        };
    }

    // Each round books the difference between what is due and what the entries say; what they say survives any crash.
    private async Task<long> MoveAsync(string id, string kind, Guid tenant, CancellationToken cancellation)
    {
        var reference = Marks.ReferenceOf(id);
        for (var step = 0; step < MostSteps; step++)
        {
            var (entries, taken, due) = (await database.ListAsync(
                Taken, static row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellation, tenant, reference, id)).Single();
            if (taken == due)
            {
                return 0;
            }

            var order = new CreditOrder(
                tenant, taken - due, entries == 0 ? reference : $"{reference}#{entries + 1}", taken < due ? $"A {kind} took it back" : $"A {kind} gave it back")
            {
                TakesWhatThereIs = true,
            };
            try
            {
                await credit.BookAsync(order, Marks.Actor, cancellation);
            }
            catch (InsufficientCreditException)
            {
                LogOwed(log, tenant, due - taken, id);
                return due - taken;
            }
        }

        throw new InvalidOperationException($"The account of tenant {tenant} would not come to rest over {id}.");
    }

    [LoggerMessage(EventId = 4706, Level = LogLevel.Warning, Message = "Tenant {Tenant} owes {MicroUsd} micro-USD that {Reversal} took back")]
    private static partial void LogOwed(ILogger log, Guid tenant, long microUsd, string reversal);
}
