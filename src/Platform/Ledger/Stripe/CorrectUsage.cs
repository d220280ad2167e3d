using Microsoft.Extensions.Options;
using Platform.Persistence;
using Stripe;
using Stripe.Billing;

namespace Platform.Ledger.Stripe;

/// <summary>What became of a correction.</summary>
internal enum Correction
{
    /// <summary>Stripe was told to take the event back.</summary>
    Cancelled,

    /// <summary>A day is over, and Stripe takes no event back any more: one with the opposite value is on its way.</summary>
    Compensated,

    /// <summary>It is on its way once more, under a new identifier.</summary>
    SentAgain,
    NotFound,

    /// <summary>Its state does not allow it: only what was sent is cancelled, only what did not arrive is sent again.</summary>
    WrongState,
}

/// <summary>Corrects usage that Stripe has wrong, or has not. Operators do it, after the reconciliation said what differs; each correction is audited.</summary>
internal sealed class CorrectUsage(StripeAccess stripe, Database database, IOptions<StripeOptions> options, TimeProvider time)
{
    private const string Columns = SendUsage.Columns;

    private const string Add =
        """
        with replacing as (
            update stripe_usage set state = $2 where usage_id = $1 and state = $3
            returning usage_id, tenant_id, first_entry, last_entry, value, at, identifier),
        adding as (
            insert into stripe_usage (tenant_id, customer, first_entry, last_entry, value, at, identifier, corrects)
            select r.tenant_id, case when $4 then u.customer else coalesce(c.customer, u.customer) end, r.first_entry, r.last_entry,
                   case when $4 then -r.value else r.value end, case when $5 then now() else r.at end, left(r.identifier, 88) || $6, r.usage_id
              from replacing r join stripe_usage u using (usage_id) left join stripe_customers c on c.tenant_id = r.tenant_id
            returning tenant_id, identifier)
        insert into audit_log (actor, action, tenant_id, subject, before, after)
        select $7, $8, a.tenant_id, r.identifier, jsonb_build_object('state', $3::text),
               jsonb_build_object('state', $2::text, 'event', a.identifier)
          from adding a, replacing r
        """;

    // Stripe takes events back within 24 hours of having got them.
    private static readonly TimeSpan Cancellable = TimeSpan.FromHours(23);

    /// <summary>Takes a sent event back.</summary>
    public async Task<Correction> CancelAsync(string identifier, string actor, CancellationToken cancellation)
    {
        if (await FindAsync(identifier, cancellation) is not { } one)
        {
            return Correction.NotFound;
        }

        if (one.State != "sent")
        {
            return Correction.WrongState;
        }

        if (time.GetUtcNow() - one.SentAt > Cancellable)
        {
            // Both stay in the sums, there as here.
            return await AddAsync(one, ("sent", IsOpposite: true, IsNow: true, "-back", "usage.compensate"), actor, cancellation)
                ? Correction.Compensated
                : Correction.WrongState;
        }

        var options1 = new MeterEventAdjustmentCreateOptions
        {
            EventName = options.Value.MeterEventName,
            Type = "cancel",
            Cancel = new MeterEventAdjustmentCancelOptions { Identifier = identifier },
        };
        await stripe.Client.V1.Billing.MeterEventAdjustments.CreateAsync(options1, StripeAccess.Once($"cancel-{identifier}"), cancellation);
        await database.ChangeAsync(
            """
            with cancelling as (
                update stripe_usage set state = 'cancelled' where usage_id = $1 and state = 'sent' returning tenant_id, identifier)
            insert into audit_log (actor, action, tenant_id, subject, before, after)
            select $2, 'usage.cancel', tenant_id, identifier, '{"state":"sent"}', '{"state":"cancelled"}' from cancelling
            """,
            cancellation, one.UsageId, actor);
        return Correction.Cancelled;
    }

    /// <summary>
    /// Sends what was cancelled, refused, too late or never surely sent once more, to the customer that the tenant has now. What is too old for Stripe gets
    /// this moment as its time.
    /// </summary>
    public async Task<Correction> ResendAsync(string identifier, string actor, CancellationToken cancellation)
    {
        if (await FindAsync(identifier, cancellation) is not { } one)
        {
            return Correction.NotFound;
        }

        return one.State is "failed" or "late" or "unsure" or "cancelled"
            && await AddAsync(one, ("replaced", IsOpposite: false, IsNow: one.State == "late", "-again", "usage.resend"), actor, cancellation)
                ? Correction.SentAgain
                : Correction.WrongState;
    }

    /// <summary>Events of a tenant, newest first, of those before the one <paramref name="before"/>; of one state, where one is given.</summary>
    public Task<IReadOnlyList<UsageEvent>> ListForTenantAsync(Guid? tenantId, string? state, long? before, int limit, CancellationToken cancellation) =>
        database.ListAsync(
            $"""
            select {Columns} from stripe_usage
             where ($1::uuid is null or tenant_id = $1) and ($2::text is null or state = $2) and ($3::bigint is null or usage_id < $3)
             order by usage_id desc limit $4
            """,
            SendUsage.Read, cancellation, tenantId, state, before, limit);

    private Task<UsageEvent?> FindAsync(string identifier, CancellationToken cancellation) =>
        database.FindAsync($"select {Columns} from stripe_usage where identifier = $1", SendUsage.Read, cancellation, identifier);

    private async Task<bool> AddAsync(
        UsageEvent one, (string State, bool IsOpposite, bool IsNow, string Ending, string Action) way, string actor, CancellationToken cancellation) =>
        await database.ChangeAsync(
            Add, cancellation, one.UsageId, way.State, one.State, way.IsOpposite, way.IsNow, way.Ending, actor, way.Action) > 0;
}
