using System.CommandLine;
using System.Globalization;
using Platform.Api.Lists;
using Platform.Ledger.Stripe;
using Stripe;

namespace Platform.Server;

/// <summary><c>usage list | cancel | resend | add</c>: the meter events of postpaid tenants.</summary>
internal static class UsageVerbs
{
    private static readonly Option<bool> Json = Verb.Json();
    private static readonly Option<string> Event = new("--event") { Required = true, Description = "A meter event, as 'usage list' shows it." };

    public static Command Create() => new("usage", "Usage of postpaid tenants on its way to Stripe.")
    {
        CreateList(),
        Verb.Make("cancel", "Take a sent event back: at Stripe within a day, later by an opposite event.", [Event, Json], (services, given, cancellation) =>
            CorrectAsync(services, given, (correct, id) => correct.CancelAsync(id, Verb.Actor, cancellation))),
        CreateResend(),
        CreateAdd(),
    };

    private static Command CreateList()
    {
        var tenant = new Option<Guid?>("--tenant") { Description = "Of one tenant." };
        var state = new Option<string?>("--state") { Description = "due, sent, failed, late, unsure, cancelled or replaced." };
        var limit = new Option<int>("--limit") { DefaultValueFactory = static _ => 50, Description = "How many, newest first." };
        return Verb.Make("list", "Meter events, newest first.", [tenant, state, limit, Json], async (services, given, cancellation) =>
        {
            var events = await services.Get<CorrectUsage>().ListForTenantAsync(
                given.GetValue(tenant), given.GetValue(state), before: null, Math.Max(1, given.GetValue(limit)), cancellation);
            Verb.Answer(given.GetValue(Json), new { Items = events }, TextTable.Render(
                ["EVENT", "AT", "MICRO-USD", "CUSTOMER", "STATE", ""],
                events.Select(static one => new[]
                {
                    one.Identifier, Iso8601.Write(one.At), one.Value.ToString(CultureInfo.InvariantCulture), one.Customer, one.State, one.Failure,
                })));
        });
    }

    private static Command CreateResend()
    {
        var lost = new Option<bool>("--lost") { Description = "Although Stripe took it: the reconciliation says that it never counted." };
        return Verb.Make("resend", "Send an event that did not arrive once more.", [Event, lost, Json], (services, given, cancellation) =>
            CorrectAsync(services, given, (correct, id) => correct.ResendAsync(id, given.GetValue(lost), Verb.Actor, cancellation)));
    }

    private static Command CreateAdd()
    {
        var tenant = Verb.Tenant();
        var entry = new Option<long>("--entry") { Required = true, Description = "The ledger entry that is in no meter event." };
        return Verb.Make("add", "Make a meter event of a charge that is in none.", [tenant, entry], async (services, given, cancellation) =>
        {
            if (!await services.Get<CorrectUsage>().AddEntryAsync(given.GetValue(tenant), given.GetValue(entry), Verb.Actor, cancellation))
            {
                throw new VerbRefusedException("there is no such charge or refund, or it is in a meter event already.");
            }

            Console.WriteLine("It goes out with the next sweep of a scheduler.");
        });
    }

    private static async Task CorrectAsync(IServiceProvider services, ParseResult given, Func<CorrectUsage, string, Task<Correction>> action)
    {
        if (!services.Get<StripeAccess>().IsConfigured)
        {
            throw new VerbRefusedException("Stripe is not configured: set Stripe:SecretKey.");
        }

        try
        {
            var outcome = await action(services.Get<CorrectUsage>(), given.GetValue(Event)!);
            Verb.Answer(given.GetValue(Json), new { Outcome = outcome.ToString() }, outcome switch
            {
                Correction.Cancelled => "Stripe was told to take it back.",
                Correction.Compensated => "Stripe takes nothing back after a day: an opposite event goes out with the next sweep of a scheduler.",
                Correction.SentAgain => "It goes out with the next sweep of a scheduler.",
                Correction.NotFound => throw new VerbRefusedException("there is no such event: 'usage list' shows all."),
                _ => throw new VerbRefusedException(
                    "its state does not allow that: only what was sent is cancelled, only what did not arrive is sent again."),
            });
        }
        catch (Exception fault) when (fault is StripeException || StripeFault.MayPass(fault))
        {
            throw new VerbRefusedException($"Stripe: {StripeFault.CodeOf(fault)}");
        }
    }
}
