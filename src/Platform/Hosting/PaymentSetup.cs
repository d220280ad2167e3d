using Microsoft.Extensions.Options;
using Platform.Api.Payments;
using Platform.Ledger.Reconciliation;
using Platform.Ledger.Stripe;
using Platform.Persistence;
using Quartz;

namespace Platform.Hosting;

/// <summary>Registers payments: settings, what follows Stripe's objects, the checks of the reconciliation, the addresses.</summary>
internal static class PaymentSetup
{
    public static void ConfigurePayments(this IServiceCollection services, IConfiguration settings) =>
        services.Configure<StripeOptions>(settings.GetSection(StripeOptions.Section));

    public static void AddPayments(this IServiceCollection services)
    {
        services.AddSingleton<StripeAccess>();
        services.AddSingleton<PayingCustomers>();
        services.AddSingleton<TopUps>();
        services.AddSingleton<StartTopUp>();
        services.AddSingleton<AutomaticTopUps>();
        services.AddSingleton<FollowPayment>();
        services.AddSingleton<FollowReversal>();
        services.AddSingleton<FollowInvoice>();
        services.AddSingleton<FollowObject>();
        services.AddSingleton<MeterErrors>();
        services.AddSingleton<AuditRefusals>();
        services.AddSingleton<ApplyEvents>();
        services.AddSingleton<ReceiveEvent>();
        services.AddSingleton<SendUsage>();
        services.AddSingleton<CorrectUsage>();
        services.AddSingleton<SweepPayments>();
        services.AddChecks();
    }

    public static void AddPaymentSurface(this IServiceCollection services)
    {
        services.AddSingleton<TopUpsEndpoint>();
        services.AddSingleton<PaymentEventsEndpoint>();
        services.AddSingleton<PaymentsAdmin>();
    }

    public static void MapPayments(this WebApplication app)
    {
        app.Services.GetRequiredService<TopUpsEndpoint>().Map(app);
        app.Services.GetRequiredService<PaymentEventsEndpoint>().Map(app);
    }

    /// <summary>Null, or one sentence that says which setting cannot be.</summary>
    public static string? FindFault(IServiceProvider services) => services.GetRequiredService<IOptions<StripeOptions>>().Value.FindFault();

    private static void AddChecks(this IServiceCollection services)
    {
        services.AddSingleton<ComparedTime>();
        services.AddSingleton<PaymentCheck>();
        services.AddSingleton<ReversalCheck>();
        services.AddSingleton<InvoiceCheck>();
        services.AddSingleton<MeterCheck>();
        services.AddCheck("stripe-payments", "Is each payment of a top-up at Stripe credited once, and each credit paid?", static all =>
            all.GetRequiredService<PaymentCheck>().RunAsync);
        services.AddCheck("stripe-reversals", "Was each refund and each dispute taken back, and nothing else?", static all =>
            all.GetRequiredService<ReversalCheck>().RunAsync);
        services.AddCheck("stripe-invoices", "Is each paid invoice of a tenant credited?", static all =>
            all.GetRequiredService<InvoiceCheck>().RunAsync);
        services.AddCheck("stripe-meter", "Does Stripe's meter sum up, hour by hour, what was sent to it?", static all =>
            all.GetRequiredService<MeterCheck>().RunAsync);
        services.AddStatement("stripe-usage", "Is each charge of a postpaid tenant in exactly one meter event, and did each event arrive?");
        services.AddStatement("stripe-events", "Could everything that Stripe told us be used?");
    }

    private static void AddCheck(this IServiceCollection services, string name, string question, Func<IServiceProvider, Compare> compare) =>
        services.AddSingleton<IBookCheck>(all => new StripeCheck(name, question, all.GetRequiredService<StripeAccess>(), compare(all)));

    private static void AddStatement(this IServiceCollection services, string name, string question) =>
        services.AddSingleton<IBookCheck>(all => new SqlCheck(all.GetRequiredService<Database>(), name, question));
}

/// <summary>Every quarter of a minute or so: what Stripe still has to be asked or told.</summary>
internal sealed class PaymentSweep(SweepPayments sweep, ILogger<PaymentSweep> log) : IJob
{
    public static TimeSpan IntervalOf(IServiceProvider services) =>
        TimeSpan.FromSeconds(services.GetRequiredService<IOptions<StripeOptions>>().Value.SweepSeconds);

    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(sweep.RunAsync, log, cancellationToken);
}
