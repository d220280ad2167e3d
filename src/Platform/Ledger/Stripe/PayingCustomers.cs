using Npgsql;
using Platform.Persistence;
using Stripe;

namespace Platform.Ledger.Stripe;

/// <summary>Who pays for a tenant, and how its automatic top-up stands.</summary>
/// <param name="Customer">Stripe's id of the customer, <c>cus_…</c>.</param>
/// <param name="AutoBelow">Micro-USD; a payment is made when less than this is available. Null: no automatic top-up.</param>
/// <param name="AutoAmount">Micro-USD of that payment.</param>
/// <param name="Failures">Automatic payments that failed in a row.</param>
/// <param name="ResumesAt">No automatic payment is tried before.</param>
internal sealed record PayingCustomer(
    Guid TenantId, string Customer, long? AutoBelow, long? AutoAmount, int Failures, string? LastFailure, DateTimeOffset? ResumesAt);

/// <summary>What an operator wants changed; null leaves a field as it is.</summary>
internal sealed record PayingChange
{
    public string? Customer { get; init; }

    /// <summary>Whether to set <see cref="AutoBelow"/> and <see cref="AutoAmount"/>; both null end the automatic top-up.</summary>
    public bool SetsAutomatic { get; init; }

    public long? AutoBelow { get; init; }

    public long? AutoAmount { get; init; }
}

/// <summary>What became of a change.</summary>
internal enum PayingOutcome
{
    Changed,
    NoTenant,

    /// <summary>An automatic top-up needs a customer to charge.</summary>
    NoCustomer,

    /// <summary>Another tenant has this customer: their payments and usage could not be told apart.</summary>
    CustomerTaken,

    /// <summary>Stripe does not know this customer.</summary>
    CustomerUnknown,
}

/// <summary>The customers of Stripe that pay for our tenants: one each.</summary>
internal sealed class PayingCustomers(Database database, StripeAccess stripe)
{
    private const string Columns = "tenant_id, customer, auto_below, auto_amount, failures, last_failure, resumes_at";

    // From here on the tenant's usage is Stripe's. The account is locked, so that no entry falls between.
    private const string Map =
        """
        with account as materialized (select tenant_id from accounts where tenant_id = $1 for update),
        newest as (select coalesce(max(entry_id), 0) as entry_id from ledger_entries where tenant_id = $1),
        starting as (
            insert into stripe_usage_progress (tenant_id, since_entry, entry_id)
            select a.tenant_id, n.entry_id, n.entry_id from account a, newest n on conflict do nothing),
        before as (select customer from stripe_customers where tenant_id = $1),
        mapping as (
            insert into stripe_customers as c (tenant_id, customer) select tenant_id, $2 from account
            on conflict (tenant_id) do update set customer = excluded.customer where c.customer <> excluded.customer
            returning tenant_id)
        insert into audit_log (actor, action, tenant_id, subject, before, after)
        select $3, 'payments.customer', tenant_id, $2, (select jsonb_build_object('customer', customer) from before),
               jsonb_build_object('customer', $2::text)
          from mapping
        """;

    private const string SetAutomatic =
        """
        with before as (select auto_below, auto_amount from stripe_customers where tenant_id = $1),
        changing as (
            update stripe_customers set auto_below = $2::bigint, auto_amount = $3::bigint, failures = 0, last_failure = null, resumes_at = null
             where tenant_id = $1 returning tenant_id)
        insert into audit_log (actor, action, tenant_id, before, after)
        select $4, 'payments.automatic', c.tenant_id, jsonb_build_object('below', b.auto_below, 'amount', b.auto_amount),
               jsonb_build_object('below', $2::bigint, 'amount', $3::bigint)
          from changing c, before b
        """;

    public Task<PayingCustomer?> FindForTenantAsync(Guid tenantId, CancellationToken cancellation) =>
        database.FindAsync($"select {Columns} from stripe_customers where tenant_id = $1", Read, cancellation, tenantId);

    public Task<PayingCustomer?> FindByCustomerAsync(string customer, CancellationToken cancellation) =>
        database.FindAsync($"select {Columns} from stripe_customers where customer = $1", Read, cancellation, customer);

    public async Task<PayingOutcome> ChangeAsync(Guid tenantId, PayingChange change, string actor, CancellationToken cancellation)
    {
        if (await NameOfAsync(tenantId, cancellation) is null)
        {
            return PayingOutcome.NoTenant;
        }

        if (change.Customer is { } customer && await MapAsync(tenantId, customer, actor, cancellation) is var mapped and not PayingOutcome.Changed)
        {
            return mapped;
        }

        return change.SetsAutomatic && await database.ChangeAsync(
            SetAutomatic, cancellation, tenantId, change.AutoBelow, change.AutoAmount, actor) == 0 && change.AutoBelow is not null
                ? PayingOutcome.NoCustomer
                : PayingOutcome.Changed;
    }

    /// <summary>The customer of a tenant; one is made at Stripe where there is none.</summary>
    public async Task<string> EnsureAsync(Guid tenantId, CancellationToken cancellation)
    {
        if (await FindForTenantAsync(tenantId, cancellation) is { } known)
        {
            return known.Customer;
        }

        // The key makes two at once, and one after a crash, the same customer.
        var options = new CustomerCreateOptions
        {
            Name = await NameOfAsync(tenantId, cancellation),
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [Marks.Tenant] = tenantId.ToString() },
        };
        var made = await stripe.Client.V1.Customers.CreateAsync(options, StripeAccess.Once($"customer-{tenantId}"), cancellation);
        await database.ChangeAsync(Map, cancellation, tenantId, made.Id, Marks.Actor);
        return (await FindForTenantAsync(tenantId, cancellation))?.Customer ?? made.Id;
    }

    private async Task<PayingOutcome> MapAsync(Guid tenantId, string customer, string actor, CancellationToken cancellation)
    {
        try
        {
            if (stripe.IsConfigured && await stripe.Client.V1.Customers.GetAsync(customer, cancellationToken: cancellation) is { Deleted: true })
            {
                return PayingOutcome.CustomerUnknown;
            }

            await database.ChangeAsync(Map, cancellation, tenantId, customer, actor);
            return PayingOutcome.Changed;
        }
        catch (StripeException fault) when (StripeFault.IsMissing(fault))
        {
            return PayingOutcome.CustomerUnknown;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return PayingOutcome.CustomerTaken;
        }
    }

    private Task<string?> NameOfAsync(Guid tenantId, CancellationToken cancellation) =>
        database.FindAsync("select name from tenants where tenant_id = $1", static row => row.GetString(0), cancellation, tenantId);

    private static PayingCustomer Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.Number(2), row.Number(3), row.GetInt32(4), row.Text(5), row.Instant(6));
}

/// <summary>What our objects at Stripe are marked with, and our entries after them.</summary>
internal static class Marks
{
    public const string TopUp = "platform_top_up";
    public const string Tenant = "platform_tenant";

    /// <summary>Who books what Stripe says.</summary>
    public const string Actor = "stripe";

    /// <summary>The reference of the entry about an object of Stripe; further entries about it end in <c>#2</c>, <c>#3</c>.</summary>
    public static string ReferenceOf(string id) => "stripe:" + id;
}
