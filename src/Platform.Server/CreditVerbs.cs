using System.CommandLine;
using Platform.Ledger;

namespace Platform.Server;

/// <summary><c>credits add</c>.</summary>
internal static class CreditVerbs
{
    public static Command Create()
    {
        var tenant = new Option<Guid>("--tenant") { Required = true, Description = "The tenant's id." };
        var amount = new Option<decimal>("--amount") { Required = true, Description = "USD; negative takes away." };
        var reference = new Option<string>("--reference") { Required = true, Description = "Books once, however often it is sent." };
        var reason = new Option<string>("--reason") { Description = "For the ledger.", DefaultValueFactory = static _ => "Booked by an operator" };
        var json = Verb.Json();
        var add = new Command("add", "Book an amount to a tenant's account.") { tenant, amount, reference, reason, json };
        add.SetAction((given, cancellation) => Verb.WithPlatformAsync(
            async services =>
            {
                var microUsd = (long)(given.GetValue(amount) * 1_000_000m);
                var booked = await services.GetRequiredService<AddCredit>().RunAsync(
                    given.GetValue(tenant), microUsd, given.GetValue(reference)!, given.GetValue(reason)!, cancellation);
                Verb.Answer(
                    given.GetValue(json),
                    new { booked, amount = microUsd },
                    booked ? $"Booked {microUsd / 1_000_000m} USD" : "This reference was booked before; nothing changed");
            },
            cancellation));
        return new Command("credits", "Money of tenants.") { add };
    }
}
