using Platform.Persistence;
using Stripe;

namespace Platform.Ledger.Stripe;

/// <summary>
/// A sweep: pays for tenants that asked for it and have less available than they wanted. A crossing of the threshold is one row, and the row's id is the
/// idempotency key of its payment, so that nothing is paid twice, whatever dies in between. A failure is kept, shown, and not repeated at once.
/// </summary>
internal sealed partial class AutomaticTopUps(
    StripeAccess stripe, TopUps topUps, FollowPayment payments, Database database, ILogger<AutomaticTopUps> log)
{
    // The unique index on open automatic rows decides between two nodes. A row that is open keeps the next from beginning. Ids begin with their
    // time, as those that the program makes.
    private const string Begin =
        $"""
        insert into top_ups (top_up_id, tenant_id, is_automatic, amount)
        select encode(substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                      || substring(uuid_send(gen_random_uuid()) from 7), 'hex')::uuid,
               c.tenant_id, true, c.auto_amount
          from stripe_customers c
          join accounts a using (tenant_id)
          join tenants t using (tenant_id)
         where c.auto_below is not null and t.billing = 'prepaid' and t.suspended_at is null
           and a.balance + a.credit_limit - a.held < c.auto_below
           and (c.resumes_at is null or c.resumes_at <= now())
           and (select count(*) from top_ups u
                 where u.tenant_id = c.tenant_id and u.is_automatic and u.created_at > now() - interval '1 day') < $1
           and not exists (select from top_ups u where u.tenant_id = c.tenant_id and u.is_automatic and u.state = 'open')
        on conflict (tenant_id) where is_automatic and state = 'open' do nothing
        returning {TopUps.Columns}
        """;

    private const string Fail =
        """
        with failing as (
            update stripe_customers
               set failures = failures + 1, last_failure = $2,
                   resumes_at = now() + interval '1 hour' * least(48, power(3, least(failures, 5)))
             where tenant_id = $1 returning tenant_id, failures, resumes_at)
        insert into audit_log (actor, action, tenant_id, subject, after)
        select 'stripe', 'payments.automatic.failed', tenant_id, $3,
               jsonb_build_object('failure', $2::text, 'failures', failures, 'resumesAt', resumes_at)
          from failing
        """;

    // Stripe keeps an idempotency key for a day. Past that, asking again could pay again.
    private static readonly TimeSpan KeyHolds = TimeSpan.FromHours(23);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var left = await database.ListAsync(
            $"""
            select {TopUps.Columns} from top_ups
             where is_automatic and state = 'open' and coalesce(tried_at, created_at) < $1 order by created_at limit 100
            """,
            TopUps.Read, cancellation, stripe.Time.GetUtcNow() - BetweenTries);
        var begun = await database.ListAsync(Begin, TopUps.Read, cancellation, stripe.Settings.AutomaticPerDay);
        foreach (var topUp in left.Concat(begun))
        {
            await PayAsync(topUp, cancellation);
        }
    }

    private Task<bool> PayAsync(TopUp topUp, CancellationToken cancellation) => database.AloneAsync(
        $"top-up {topUp.TopUpId}",
        async () =>
        {
            try
            {
                await TryAsync(topUp, cancellation);
            }
            catch (Exception fault) when (StripeFault.MayPass(fault))
            {
                // Stays open: the next sweep looks for the payment before it asks for it again.
                LogUnknown(log, topUp.TopUpId, StripeFault.CodeOf(fault));
            }
            catch (StripeException fault)
            {
                await FailAsync(topUp, StripeFault.CodeOf(fault), cancellation);
            }

            return true;
        },
        cancellation);

    private async Task TryAsync(TopUp topUp, CancellationToken cancellation)
    {
        var customer = await database.FindAsync(
            "select customer from stripe_customers where tenant_id = $1", static row => row.GetString(0), cancellation, topUp.TenantId);
        if (customer is null)
        {
            await FailAsync(topUp, "no_customer", cancellation);
            return;
        }

        if (topUp.TriedAt is not null && await FindAsync(topUp, customer, cancellation) is { } payment)
        {
            await FollowAsync(topUp, payment, cancellation);
        }
        else if (stripe.Time.GetUtcNow() - topUp.CreatedAt > KeyHolds)
        {
            await FailAsync(topUp, "unknown_outcome", cancellation);
        }
        else if (await FindCardAsync(customer, cancellation) is not { } card)
        {
            await FailAsync(topUp, "no_payment_method", cancellation);
        }
        else
        {
            await topUps.SetTriedAsync(topUp.TopUpId, cancellation);
            var made = await stripe.Client.V1.PaymentIntents.CreateAsync(
                PaymentOf(topUp, customer, card), StripeAccess.Once($"top-up-{topUp.TopUpId}"), cancellation);
            await FollowAsync(topUp, made, cancellation);
        }
    }

    private async Task FollowAsync(TopUp topUp, PaymentIntent payment, CancellationToken cancellation)
    {
        var followed = await payments.RunAsync(payment.Id, cancellation);
        if (followed.State == Followed.Refused)
        {
            await FailAsync(topUp, "mismatch", cancellation);
        }
        else if (payment.Status is "requires_payment_method" or "requires_action" or "requires_confirmation" or "canceled")
        {
            await FailAsync(topUp, payment.LastPaymentError?.Code ?? payment.Status, cancellation);
        }
    }

    private static PaymentIntentCreateOptions PaymentOf(TopUp topUp, string customer, string card) => new()
    {
        Amount = Cents.Of(topUp.Amount),
        Currency = Cents.Currency,
        Customer = customer,
        PaymentMethod = card,
        OffSession = true,
        Confirm = true,
        Description = "Prepaid credit, automatic top-up",
        Metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Marks.TopUp] = topUp.TopUpId.ToString(),
            [Marks.Tenant] = topUp.TenantId.ToString(),
        },
    };

    private async Task<PaymentIntent?> FindAsync(TopUp topUp, string customer, CancellationToken cancellation)
    {
        var list = new PaymentIntentListOptions
        {
            Customer = customer,
            Created = new DateRangeOptions { GreaterThanOrEqual = topUp.CreatedAt.UtcDateTime.AddMinutes(-10) },
            Limit = 100,
        };
        await foreach (var payment in stripe.Client.V1.PaymentIntents.ListAutoPagingAsync(list, cancellationToken: cancellation))
        {
            if (payment.Metadata?.GetValueOrDefault(Marks.TopUp) == topUp.TopUpId.ToString())
            {
                return payment;
            }
        }

        return null;
    }

    private async Task<string?> FindCardAsync(string customer, CancellationToken cancellation)
    {
        var payer = await stripe.Client.V1.Customers.GetAsync(customer, cancellationToken: cancellation);
        if (payer.InvoiceSettings?.DefaultPaymentMethodId is { } chosen)
        {
            return chosen;
        }

        var cards = await stripe.Client.V1.Customers.PaymentMethods.ListAsync(
            customer, new CustomerPaymentMethodListOptions { Limit = 1 }, cancellationToken: cancellation);
        return cards.Data.FirstOrDefault()?.Id;
    }

    private async Task FailAsync(TopUp topUp, string failure, CancellationToken cancellation)
    {
        if (await topUps.EndAsync(topUp.TopUpId, TopUp.Failed, failure, cancellation))
        {
            await database.ChangeAsync(Fail, cancellation, topUp.TenantId, failure, topUp.TopUpId.ToString());
            LogFailed(log, topUp.TopUpId, topUp.TenantId, failure);
        }
    }

    [LoggerMessage(EventId = 4707, Level = LogLevel.Warning, Message = "Automatic top-up {TopUp} of tenant {Tenant} failed: {Failure}")]
    private static partial void LogFailed(ILogger log, Guid topUp, Guid tenant, string failure);

    [LoggerMessage(EventId = 4708, Level = LogLevel.Warning, Message = "Nobody knows yet whether automatic top-up {TopUp} was paid: {Code}")]
    private static partial void LogUnknown(ILogger log, Guid topUp, string code);
}
