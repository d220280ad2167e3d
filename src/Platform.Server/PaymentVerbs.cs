using System.CommandLine;
using Platform.Api.Lists;
using Platform.Api.Payments;
using Platform.Ledger.Stripe;
using Stripe;

namespace Platform.Server;

/// <summary><c>payments show | set | follow</c>: how a tenant pays through Stripe.</summary>
internal static class PaymentVerbs
{
    private static readonly Option<Guid> Tenant = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();
    private static readonly Option<string?> Customer = new("--customer") { Description = "Its customer at Stripe, cus_..." };
    private static readonly Option<decimal?> Below = new("--auto-below") { Description = "USD; pay by itself when less than this is available. 0: never." };
    private static readonly Option<decimal?> Amount = new("--auto-amount") { Description = "USD of such a payment." };

    public static Command Create()
    {
        var id = new Option<string>("--id") { Required = true, Description = "A session, payment, refund, dispute, invoice: cs_, pi_, re_, dp_, in_..." };
        return new Command("payments", "Payments through Stripe.")
        {
            Verb.Make("show", "Who pays for a tenant, its automatic top-up, and what it owes.", [Tenant, Json], ShowAsync),
            Verb.Make("set", "Set a tenant's customer or automatic top-up.", [Tenant, Customer, Below, Amount, Json], SetAsync),
            Verb.Make(
                "follow", "Bring the books to where an object of Stripe stands: credit what was paid, take back what was refunded.", [id, Json],
                (services, given, cancellation) => FollowAsync(services, given.GetValue(id)!, given.GetValue(Json), cancellation)),
        };
    }

    private static async Task ShowAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var id = given.GetValue(Tenant);
        var answer = PaymentsAnswer.Of(
            await services.Get<PayingCustomers>().FindForTenantAsync(id, cancellation), await services.Get<FollowReversal>().OwedAsync(id, cancellation));
        var automatic = answer.AutomaticTopUp;
        Verb.Answer(given.GetValue(Json), answer, TextTable.Render(
            ["TENANT", id.ToString()],
            [
                ["customer", answer.StripeCustomer ?? "none"],
                ["automatic top-up", automatic is null ? "none" : $"{Verb.Usd(automatic.Amount)} when less than {Verb.Usd(automatic.Below)} is available"],
                ["failures", automatic is { Failures: > 0 } ? $"{automatic.Failures}, the last one {automatic.LastFailure}" : "none"],
                ["resumes", automatic?.ResumesAt is { } at ? Iso8601.Write(at) : ""],
                ["owed", Verb.Usd(answer.Owed)],
            ]));
    }

    private static async Task SetAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var (below, amount) = (given.GetValue(Below), given.GetValue(Amount));
        var ends = below == 0;
        var change = new PayingChange
        {
            Customer = given.GetValue(Customer),
            SetsAutomatic = below is not null || amount is not null,
            AutoBelow = ends ? null : below is { } usd ? Verb.MicroUsd(usd) : null,
            AutoAmount = ends ? null : amount is { } pay ? Verb.MicroUsd(pay) : null,
        };
        Refuse(change.Customer is { } customer && !customer.StartsWith("cus_", StringComparison.Ordinal), "--customer begins with cus_.");
        Refuse(change.AutoBelow is null != change.AutoAmount is null, "--auto-below and --auto-amount go together.");
        Refuse(
            change.AutoBelow <= 0 || change.AutoAmount < change.AutoBelow, "--auto-amount must not be less than --auto-below: one payment has to be enough.");
        Refuse(change.AutoAmount % Cents.MicroUsd > 0, "--auto-amount is in whole cents.");
        var outcome = await services.Get<PayingCustomers>().ChangeAsync(given.GetValue(Tenant), change, Verb.Actor, cancellation);
        Refuse(outcome == PayingOutcome.NoTenant, $"there is no tenant {given.GetValue(Tenant)}: 'tenants list' shows all.");
        Refuse(outcome == PayingOutcome.CustomerTaken, "another tenant has this customer.");
        Refuse(outcome == PayingOutcome.CustomerUnknown, "Stripe does not know this customer.");
        Refuse(outcome == PayingOutcome.NoCustomer, "an automatic top-up needs a customer to charge: add --customer.");
        await ShowAsync(services, given, cancellation);
    }

    private static async Task FollowAsync(IServiceProvider services, string id, bool asJson, CancellationToken cancellation)
    {
        Refuse(!services.Get<StripeAccess>().IsConfigured, "Stripe is not configured: set Stripe:SecretKey.");
        try
        {
            var followed = await services.Get<FollowObject>().RunAsync(id, cancellation);
            Refuse(followed is null, $"{id} is none of a session, payment, refund, dispute or invoice.");
            Refuse(followed!.State == Followed.Refused, followed.Detail);
            Verb.Answer(asJson, followed, $"{id}: {followed.Detail}");
        }
        catch (Exception fault) when (fault is StripeException || StripeFault.MayPass(fault))
        {
            throw new VerbRefusedException($"Stripe: {StripeFault.CodeOf(fault)}");
        }
    }

    private static void Refuse(bool isWrong, string message)
    {
        if (isWrong)
        {
            throw new VerbRefusedException(message);
        }
    }
}
