using Npgsql;
using Platform.Persistence;
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

/// <summary>Corrects usage that Stripe has wrong, or has not. Operators do it after the reconciliation said what differs; each correction is audited.</summary>
internal sealed class CorrectUsage(StripeAccess stripe, Database database)
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

        if (stripe.Time.GetUtcNow() - one.SentAt > Cancellable)
        {
            // Both stay in the sums, there as here.
            return await AddAsync(one, ("sent", IsOpposite: true, IsNow: true, "-back", "usage.compensate"), actor, cancellation)
                ? Correction.Compensated
                : Correction.WrongState;
        }

        var cancel = new MeterEventAdjustmentCreateOptions
        {
            EventName = stripe.Settings.MeterEventName,
            Type = "cancel",
            Cancel = new MeterEventAdjustmentCancelOptions { Identifier = identifier },
        };
        await stripe.Client.V1.Billing.MeterEventAdjustments.CreateAsync(cancel, StripeAccess.Once($"cancel-{identifier}"), cancellation);
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
    /// <param name="identifier">Of the event.</param>
    /// <param name="isLost">Also one that Stripe took, because the reconciliation says that it never counted.</param>
    /// <param name="actor">For the audit log.</param>
    /// <param name="cancellation">Ends the wait, not what was begun.</param>
    public async Task<Correction> ResendAsync(string identifier, bool isLost, string actor, CancellationToken cancellation)
    {
        if (await FindAsync(identifier, cancellation) is not { } one)
        {
            return Correction.NotFound;
        }

        return (one.State is "failed" or "late" or "unsure" or "cancelled" || (isLost && one.State is "sent"))
            && await AddAsync(one, ("replaced", IsOpposite: false, IsNow: one.State == "late", "-again", "usage.resend"), actor, cancellation)
                ? Correction.SentAgain
                : Correction.WrongState;
    }

    /// <summary>Makes an event of one charge or refund that is in none; false where there is none, or it is in one.</summary>
    public async Task<bool> AddEntryAsync(Guid tenantId, long entryId, string actor, CancellationToken cancellation) =>
        await database.ChangeAsync(
            """
            with adding as (
                insert into stripe_usage (tenant_id, customer, first_entry, last_entry, value, at, identifier)
                select e.tenant_id, c.customer, e.entry_id, e.entry_id, case e.kind when 'capture' then e.amount else -e.amount end, e.at,
                       'usage-' || e.tenant_id || '-' || e.entry_id || '-' || e.entry_id
                  from ledger_entries e join stripe_customers c using (tenant_id)
                 where e.tenant_id = $1 and e.entry_id = $2 and e.kind in ('capture', 'refund')
                   and not exists (
                       select from stripe_usage u
                        where u.tenant_id = e.tenant_id and u.corrects is null and e.entry_id between u.first_entry and u.last_entry
                          and date_trunc('hour', u.at, 'UTC') = date_trunc('hour', e.at, 'UTC'))
                on conflict (identifier) do nothing
                returning tenant_id, identifier, value)
            insert into audit_log (actor, action, tenant_id, subject, after)
            select $3, 'usage.add', tenant_id, identifier, jsonb_build_object('value', value) from adding
            """,
            cancellation, tenantId, entryId, actor) > 0;

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
        UsageEvent one, (string State, bool IsOpposite, bool IsNow, string Ending, string Action) way, string actor, CancellationToken cancellation)
    {
        try
        {
            return await database.ChangeAsync(
                Add, cancellation, one.UsageId, way.State, one.State, way.IsOpposite, way.IsNow, way.Ending, actor, way.Action) > 0;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // The new identifier is made of the old one, so that asking twice is asking once.
            return false;
        }
    }
}
