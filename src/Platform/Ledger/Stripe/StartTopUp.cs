using Platform.Persistence;
using Stripe;
using Stripe.Checkout;

namespace Platform.Ledger.Stripe;

/// <summary>A payment that a tenant wants to make.</summary>
/// <param name="Reference">The tenant's own: the same one twice is one top-up.</param>
/// <param name="SavesCard">Whether Stripe keeps the card for automatic top-ups.</param>
internal sealed record TopUpOrder(Guid TenantId, long Cents, string? Reference, bool SavesCard);

/// <summary>What became of an order.</summary>
internal enum TopUpOutcome
{
    Started,

    /// <summary>Its reference had begun one before.</summary>
    Known,

    /// <summary>Its reference had begun one with another amount.</summary>
    Conflict,
    NotConfigured,

    /// <summary>The tenant is invoiced for its usage.</summary>
    Postpaid,
    TooMany,

    /// <summary>Stripe cannot be reached, or is busy: asking again with the same reference goes on.</summary>
    Away,

    /// <summary>Stripe would not have it, and will not: an operator has to look.</summary>
    Refused,
}

/// <summary>Begins a top-up: a Checkout session at Stripe, where the tenant pays. Nothing is credited before Stripe says that it was paid.</summary>
internal sealed partial class StartTopUp(
    StripeAccess stripe, PayingCustomers customers, TopUps topUps, Database database, ILogger<StartTopUp> log)
{
    /// <summary>Pages of ours for after the payment, below the public base.</summary>
    public const string PaidPath = "/stripe/paid";
    public const string CancelledPath = "/stripe/cancelled";

    /// <summary>US cents.</summary>
    public (long Smallest, long Largest) Bounds => (stripe.Settings.MinTopUpCents, stripe.Settings.MaxTopUpCents);

    public async Task<(TopUpOutcome Outcome, TopUp? TopUp)> RunAsync(TopUpOrder order, string publicBase, CancellationToken cancellation)
    {
        if (!stripe.IsConfigured)
        {
            return (TopUpOutcome.NotConfigured, null);
        }

        if (await BillingOfAsync(order.TenantId, cancellation) != "prepaid")
        {
            return (TopUpOutcome.Postpaid, null);
        }

        var begun = await topUps.BeginAsync(order, stripe.Settings.TopUpsPerHour, cancellation);
        var topUp = begun ?? (order.Reference is { } reference ? await topUps.FindForTenantAsync(order.TenantId, reference, cancellation) : null);
        return topUp switch
        {
            null => (TopUpOutcome.TooMany, null),
            _ when topUp.Amount != Cents.ToMicroUsd(order.Cents) || topUp.SavesCard != order.SavesCard => (TopUpOutcome.Conflict, null),
            { Url: not null } or { State: not TopUp.Open } => (TopUpOutcome.Known, topUp),
            // New, or one whose session nobody knows because the process before died, or Stripe was away.
            _ => await OpenSessionAsync(topUp, begun is null ? TopUpOutcome.Known : TopUpOutcome.Started, publicBase, cancellation),
        };
    }

    private async Task<(TopUpOutcome Outcome, TopUp? TopUp)> OpenSessionAsync(
        TopUp topUp, TopUpOutcome outcome, string publicBase, CancellationToken cancellation)
    {
        try
        {
            var customer = await customers.EnsureAsync(topUp.TenantId, cancellation);
            var session = await stripe.Client.V1.Checkout.Sessions.CreateAsync(
                SessionOf(topUp, customer, publicBase), StripeAccess.Once($"top-up-{topUp.TopUpId}"), cancellation);
            await topUps.SetSessionAsync(topUp.TopUpId, session.Id, session.Url, cancellation);
            LogStarted(log, topUp.TopUpId, topUp.TenantId, topUp.Amount);
            return (outcome, topUp with { Url = session.Url });
        }
        catch (Exception fault) when (fault is StripeException || StripeFault.MayPass(fault))
        {
            LogFailed(log, topUp.TopUpId, StripeFault.CodeOf(fault));
            return (StripeFault.MayPass(fault) ? TopUpOutcome.Away : TopUpOutcome.Refused, null);
        }
    }

    private SessionCreateOptions SessionOf(TopUp topUp, string customer, string publicBase)
    {
        var marks = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Marks.TopUp] = topUp.TopUpId.ToString(),
            [Marks.Tenant] = topUp.TenantId.ToString(),
        };
        return new SessionCreateOptions
        {
            Mode = "payment",
            Customer = customer,
            ClientReferenceId = topUp.TopUpId.ToString(),
            SuccessUrl = stripe.Settings.SuccessUrl is { Length: > 0 } success ? success : publicBase + PaidPath,
            CancelUrl = stripe.Settings.CancelUrl is { Length: > 0 } cancel ? cancel : publicBase + CancelledPath,
            LineItems =
            [
                new SessionLineItemOptions
                {
                    Quantity = 1,
                    PriceData = new SessionLineItemPriceDataOptions
                    {
                        Currency = Cents.Currency,
                        UnitAmount = Cents.Of(topUp.Amount),
                        ProductData = new SessionLineItemPriceDataProductDataOptions { Name = "Prepaid credit" },
                    },
                },
            ],
            // What is paid must be what was asked for, in the currency that it was asked in.
            AdaptivePricing = new SessionAdaptivePricingOptions { Enabled = false },
            Metadata = marks,
            PaymentIntentData = new SessionPaymentIntentDataOptions
            {
                Metadata = marks,
                SetupFutureUsage = topUp.SavesCard ? "off_session" : null,
            },
        };
    }

    private Task<string?> BillingOfAsync(Guid tenantId, CancellationToken cancellation) =>
        database.FindAsync("select billing from tenants where tenant_id = $1", static row => row.GetString(0), cancellation, tenantId);

    [LoggerMessage(EventId = 4702, Level = LogLevel.Information, Message = "Top-up {TopUp} of tenant {Tenant} over {MicroUsd} micro-USD can be paid")]
    private static partial void LogStarted(ILogger log, Guid topUp, Guid tenant, long microUsd);

    [LoggerMessage(EventId = 4703, Level = LogLevel.Error, Message = "Top-up {TopUp} could not be begun: {Code}")]
    private static partial void LogFailed(ILogger log, Guid topUp, string code);
}
