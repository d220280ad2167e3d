using System.CommandLine;
using System.Globalization;
using Platform.Api.Admin;
using Platform.Api.Lists;
using Platform.Ledger;

namespace Platform.Server;

/// <summary><c>credits add | balance | ledger</c>, and those of <see cref="MoneyVerbs"/>.</summary>
internal static class CreditVerbs
{
    private static readonly Option<Guid> Id = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();

    public static Command Create()
    {
        var credits = new Command("credits", "Money of tenants.")
        {
            Add(),
            Verb.Make("balance", "What a tenant has, holds and may still spend.", [Id, Json], BalanceAsync),
            Ledger(),
        };
        foreach (var verb in MoneyVerbs.All())
        {
            credits.Add(verb);
        }

        return credits;
    }

    private static Command Add()
    {
        var amount = new Option<decimal>("--amount") { Required = true, Description = "USD; negative takes away." };
        var reference = new Option<string>("--reference") { Required = true, Description = "Books once, however often it is sent." };
        var reason = new Option<string>("--reason") { Description = "For the ledger.", DefaultValueFactory = static _ => "Booked by an operator" };
        return MoneyVerbs.Make("add", "Book an amount to a tenant's account.", [Id, amount, reference, reason, Json],
            async (services, given, cancellation) =>
            {
                var microUsd = Verb.MicroUsd(given.GetValue(amount));
                if (microUsd == 0 || string.IsNullOrWhiteSpace(given.GetValue(reference)))
                {
                    throw new VerbRefusedException("--amount must not be 0, and --reference must not be empty.");
                }

                var order = new CreditOrder(given.GetValue(Id), microUsd, given.GetValue(reference)!, given.GetValue(reason)!);
                var (entry, isNew) = await BookAsync(services, order, cancellation);
                Verb.Answer(
                    given.GetValue(Json),
                    new { Booked = isNew, entry.Amount, entry.EntryId, entry.BalanceAfter },
                    isNew
                        ? $"Booked {Verb.Usd(entry.Amount)}; the balance is {Verb.Usd(entry.BalanceAfter)}"
                        : $"This reference was booked before, as {Verb.Usd(entry.Amount)}; nothing changed");
            });
    }

    private static async Task<BookedCredit> BookAsync(IServiceProvider services, CreditOrder order, CancellationToken cancellation)
    {
        try
        {
            return await services.Get<AddCredit>().BookAsync(order, Verb.Actor, cancellation);
        }
        catch (InsufficientCreditException cause)
        {
            throw new VerbRefusedException("the account has less available than that: 'credits balance' shows how much.", cause);
        }
    }

    private static async Task BalanceAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var account = await FindAsync(services, given.GetValue(Id), cancellation);
        Verb.Answer(given.GetValue(Json), BalanceAnswer.Of(account), TextTable.Render(
            ["BALANCE", "HELD", "CREDIT LIMIT", "AVAILABLE"],
            [[Verb.Usd(account.Balance), Verb.Usd(account.Held), Verb.Usd(account.CreditLimit), Verb.Usd(account.Available)]]));
    }

    private static Command Ledger()
    {
        var limit = new Option<int>("--limit") { Description = "How many entries, newest first.", DefaultValueFactory = static _ => 50 };
        var from = new Option<string?>("--from") { Description = "ISO 8601, such as 2026-11-01." };
        var to = new Option<string?>("--to") { Description = "ISO 8601; not part of it." };
        return Verb.Make("ledger", "How a tenant's balance came about.", [Id, from, to, limit, Json], async (services, given, cancellation) =>
        {
            await FindAsync(services, given.GetValue(Id), cancellation);
            var period = new Period(
                Verb.Instant("--from", given.GetValue(from)) ?? Period.All.From, Verb.Instant("--to", given.GetValue(to)) ?? Period.All.To);
            var entries = await services.Get<ReadLedger>()
                .ListForTenantAsync(given.GetValue(Id), period, before: null, Math.Max(1, given.GetValue(limit)), cancellation);
            Verb.Answer(given.GetValue(Json), new { Items = entries }, TextTable.Render(
                ["ENTRY", "AT", "KIND", "AMOUNT", "BALANCE AFTER", "FOR"],
                entries.Select(static entry => new[]
                {
                    entry.EntryId.ToString(CultureInfo.InvariantCulture), Iso8601.Write(entry.At), entry.Kind, Verb.Usd(entry.Amount),
                    Verb.Usd(entry.BalanceAfter), entry.TaskUUID?.ToString() ?? entry.Reference,
                })));
        });
    }

    private static async Task<Account> FindAsync(IServiceProvider services, Guid tenantId, CancellationToken cancellation) =>
        await services.Get<ReadLedger>().FindAccountForTenantAsync(tenantId, cancellation)
            ?? throw new KeyNotFoundException($"There is no tenant {tenantId}: 'tenants list' shows all.");
}
