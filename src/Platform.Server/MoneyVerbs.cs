using System.CommandLine;
using Platform.Api.Admin;
using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Ledger.Promotions;
using Platform.Persistence;

namespace Platform.Server;

/// <summary><c>credits refund | adjust | grant | grants</c>: what moves money beside payments.</summary>
internal static class MoneyVerbs
{
    private static readonly Option<Guid> Id = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();
    private static readonly Option<decimal> Amount = new("--amount") { Required = true, Description = "USD." };
    private static readonly Option<string> Reference = new("--reference") { Required = true, Description = "Books once, however often it is sent." };
    private static readonly Option<string> Reason = new("--reason") { Required = true, Description = "For the ledger, the customer and the audit log." };

    public static IEnumerable<Command> All() =>
    [
        Refund(),
        Make("adjust", "Correct an account by an amount of either sign.", [Id, Amount, Reference, Reason, Json], AdjustAsync),
        Grant(),
        Verb.Make("grants", "A tenant's promotional credit and what is left of it.", [Id, Json], ListGrantsAsync),
    ];

    /// <summary>A verb that moves a tenant's money. Its refusals leave the records that they leave over HTTP: who wanted what, and why not.</summary>
    internal static Command Make(
        string name, string description, IReadOnlyList<Option> options, Func<IServiceProvider, ParseResult, CancellationToken, Task> action) =>
        Verb.Make(name, description, options, async (services, given, cancellation) =>
        {
            try
            {
                await action(services, given, cancellation);
            }
            catch (Exception refused) when (refused is VerbRefusedException or KeyNotFoundException or ArgumentException)
            {
                string? TextOf(string option) => options.FirstOrDefault(one => one.Name == option) is { } found
                    ? given.GetResult(found)?.Tokens is [var token, ..] ? token.Value : null
                    : null;
                await AuditLog.WriteAsync(
                    services.Get<Database>(),
                    new AuditEntry
                    {
                        Actor = Verb.Actor,
                        Action = $"credits.{name}.refused",
                        TenantId = Guid.TryParse(TextOf(Id.Name), out var tenant) ? tenant : null,
                        Subject = TextOf(Reference.Name),
                        After = AuditEntry.Fields(new { why = refused.Message, usd = TextOf(Amount.Name) }),
                    },
                    cancellation);
                throw;
            }
        });

    private static Command Refund()
    {
        var task = new Option<Guid?>("--task") { Description = "A taskUUID: all that it was charged for." };
        var audio = new Option<Guid?>("--audio") { Description = "An audioUUID: this result alone." };
        return Make("refund", "Pay back what a task or a result was charged.", [Id, task, audio, Reference, Reason, Json],
            async (services, given, cancellation) =>
            {
                var order = new RefundOrder(given.GetValue(Id), ReadText(given, Reference), ReadText(given, Reason))
                {
                    TaskUuid = given.GetValue(task), AudioUuid = given.GetValue(audio),
                };
                if (order.TaskUuid is null == order.AudioUuid is null)
                {
                    throw new VerbRefusedException("Give either --task or --audio.");
                }

                var refund = await services.Get<RefundTask>().RunAsync(order, Verb.Actor, cancellation);
                Verb.Answer(
                    given.GetValue(Json),
                    new { Booked = refund.Outcome == RefundOutcome.Booked, refund.Amount, refund.Entries },
                    refund.Outcome switch
                    {
                        RefundOutcome.Booked => $"Refunded {Verb.Usd(refund.Amount)} for {refund.Entries.Count} results",
                        RefundOutcome.Known => $"This reference was booked before, as {Verb.Usd(refund.Amount)}; nothing changed",
                        RefundOutcome.ReferenceInUse => throw new VerbRefusedException("this reference belongs to another entry."),
                        RefundOutcome.NothingLeft => throw new VerbRefusedException("all of it has been refunded before."),
                        _ => throw new VerbRefusedException(
                            "nothing was charged to this tenant for a task or a result of this id. A task goes by its taskUUID, which 'tasks show' gives."),
                    });
            });
    }

    private static async Task AdjustAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var amount = Verb.MicroUsd(given.GetValue(Amount));
        if (amount == 0)
        {
            throw new VerbRefusedException("--amount must not be 0.");
        }

        var order = new CreditOrder(given.GetValue(Id), amount, ReadText(given, Reference), ReadText(given, Reason)) { IsAdjustment = true };
        try
        {
            Show(given, await services.Get<AddCredit>().BookAsync(order, Verb.Actor, cancellation));
        }
        catch (InsufficientCreditException cause)
        {
            throw new VerbRefusedException("the account has less available than that: 'credits balance' shows how much.", cause);
        }
    }

    private static Command Grant()
    {
        var expires = new Option<string>("--expires") { Required = true, Description = "When the rest of it goes, in ISO 8601, such as 2027-01-31." };
        return Make("grant", "Give promotional credit that expires.", [Id, Amount, expires, Reference, Reason, Json],
            async (services, given, cancellation) =>
            {
                var amount = Verb.MicroUsd(given.GetValue(Amount));
                var end = Verb.Instant("--expires", given.GetValue(expires))!.Value;
                if (amount <= 0 || end <= services.Get<TimeProvider>().GetUtcNow())
                {
                    throw new VerbRefusedException("--amount must be more than 0, and --expires must lie in the future.");
                }

                var order = new GrantOrder(given.GetValue(Id), amount, ReadText(given, Reference), ReadText(given, Reason), end);
                Show(given, await services.Get<GrantCredit>().RunAsync(order, Verb.Actor, cancellation));
            });
    }

    private static async Task ListGrantsAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var grants = await services.Get<GrantCredit>().ListForTenantAsync(given.GetValue(Id), cancellation);
        Verb.Answer(given.GetValue(Json), new { Items = grants.Select(GrantAnswer.Of) }, TextTable.Render(
            ["REFERENCE", "AMOUNT", "LEFT", "GRANTED", "EXPIRES", "FOR"],
            grants.Select(static one => new[]
            {
                one.Reference, Verb.Usd(one.Amount), Verb.Usd(one.Remaining), Iso8601.Write(one.GrantedAt)[..10],
                Iso8601.Write(one.ExpiresAt)[..16], one.Reason,
            })));
    }

    private static void Show(ParseResult given, BookedCredit booked) => Verb.Answer(
        given.GetValue(Json),
        new { Booked = booked.IsNew, booked.Entry.Amount, booked.Entry.EntryId, booked.Entry.BalanceAfter },
        booked.IsNew
            ? $"Booked {Verb.Usd(booked.Entry.Amount)}; the balance is {Verb.Usd(booked.Entry.BalanceAfter)}"
            : $"This reference was booked before, as {Verb.Usd(booked.Entry.Amount)}; nothing changed");

    private static string ReadText(ParseResult given, Option<string> option) => given.GetValue(option) is { } text && !string.IsNullOrWhiteSpace(text)
        ? text
        : throw new VerbRefusedException($"{option.Name} must not be empty.");
}
