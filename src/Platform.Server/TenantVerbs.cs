using System.CommandLine;
using System.Globalization;
using Platform.Api.Admin;
using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Tenants;

namespace Platform.Server;

/// <summary><c>tenants create | list | show | set | suspend | resume | erase</c>.</summary>
internal static class TenantVerbs
{
    private static readonly Option<Guid> Id = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();
    private static readonly Option<string?> Name = new("--name") { Description = "How people call it." };
    private static readonly Option<int?> Weight = Ranged("--weight", 1000, "Share of a busy pool, 1 to 1000.");
    private static readonly Option<int?> Rate = Ranged("--requests-per-second", 1_000_000, "Refill of its token bucket.");
    private static readonly Option<int?> Burst = Ranged("--burst", 1_000_000, "Size of its token bucket.");
    private static readonly Option<int?> Running = Ranged("--max-running", 1_000_000, "Tasks that may run at the same time.");
    private static readonly Option<int?> Queued = Ranged("--max-queued", 10_000_000, "Tasks that may wait.");
    private static readonly Option<decimal?> Limit = new("--credit-limit") { Description = "USD that a postpaid balance may be below zero." };
    private static readonly Option<string?> Billing = Words("--billing", Tenant.Prepaid, Tenant.Postpaid);

    public static Command Create() => new("tenants", "Customers of the platform.")
    {
        CreateOne(),
        Verb.Make("list", "All tenants, newest first.", [Json], ListAsync),
        Verb.Make("show", "One tenant with its money.", [Id, Json], (services, given, cancellation) =>
            ShowAsync(services, given.GetValue(Id), given.GetValue(Json), cancellation)),
        Verb.Make("set", "Change a tenant.", [Id, Name, Billing, Limit, Weight, Rate, Burst, Running, Queued, Json], SetAsync),
        Suspension("suspend", "Refuse a tenant's requests until it is resumed.", isSuspended: true),
        Suspension("resume", "Serve a suspended tenant again.", isSuspended: false),
        EraseVerb.Create(),
    };

    private static Command CreateOne()
    {
        var name = new Option<string>("--name") { Required = true, Description = "How people call it." };
        var credit = new Option<decimal>("--credit") { Description = "Credit to begin with, in USD." };
        return Verb.Make(
            "create", "Make a tenant with an account.", [name, credit, Billing, Limit, Weight, Rate, Burst, Running, Queued, Json],
            async (services, given, cancellation) =>
            {
                var amount = Verb.MicroUsd(given.GetValue(credit));
                var draft = new TenantDraft(given.GetValue(name)!)
                {
                    Billing = given.GetValue(Billing) ?? Tenant.Prepaid,
                    CreditLimit = Verb.MicroUsd(given.GetValue(Limit) ?? 0),
                    Weight = given.GetValue(Weight) ?? 1,
                    Limits = LimitsOver(TenantLimits.Default, given),
                };
                Refuse(amount < 0 || draft.CreditLimit < 0, "--credit and --credit-limit begin at 0.");
                Refuse(draft is { Billing: Tenant.Prepaid, CreditLimit: > 0 }, PrepaidMessage);
                Refuse(string.IsNullOrWhiteSpace(draft.Name), "--name must not be empty.");
                var (tenant, secret) = await services.Get<RegisterTenants>().CreateTenantAsync(draft, Verb.Actor, cancellation);
                if (amount > 0)
                {
                    await services.Get<AddCredit>().BookAsync(
                        new CreditOrder(tenant.TenantId, amount, "opening", "Credit at the start"), Verb.Actor, cancellation);
                }

                Verb.Answer(
                    given.GetValue(Json),
                    new { tenant.TenantId, tenant.Name, tenant.Billing, Balance = amount, WebhookSecret = secret },
                    $"Tenant {tenant.Name}: {tenant.TenantId}, balance {Verb.Usd(amount)}\nSecret of its webhooks: {secret}");
            });
    }

    private static async Task ListAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var tenants = await AllPages.ReadAsync(
            (Guid? before, int limit) => services.Get<ReadTenants>().ListAcrossTenantsAsync(before, limit, cancellation),
            static view => view.Tenant.TenantId);
        Verb.Answer(
            given.GetValue(Json),
            new { Items = tenants.Select(TenantAnswer.Of) },
            TextTable.Render(["TENANT", "NAME", "BILLING", "WEIGHT", "STATE", "CREATED"], tenants.Select(static view => new[]
            {
                view.Tenant.TenantId.ToString(), view.Tenant.Name, view.Tenant.Billing,
                view.Tenant.Weight.ToString(CultureInfo.InvariantCulture),
                StateOf(view.Tenant), Iso8601.Write(view.Tenant.CreatedAt)[..10],
            })));
    }

    private static async Task ShowAsync(IServiceProvider services, Guid id, bool asJson, CancellationToken cancellation)
    {
        var view = await services.Get<ReadTenants>().FindAsync(id, cancellation) ?? throw NoTenant(id);
        var account = (await services.Get<ReadLedger>().FindAccountForTenantAsync(id, cancellation))!;
        var tenant = view.Tenant;
        Verb.Answer(asJson, new { Tenant = TenantAnswer.Of(view), Balance = BalanceAnswer.Of(account) }, TextTable.Render(
            ["TENANT", tenant.TenantId.ToString()],
            [
                ["name", tenant.Name],
                ["billing", tenant.Billing],
                ["state", (tenant.ErasureAskedAt ?? tenant.SuspendedAt) is { } since ? $"{StateOf(tenant)} since {Iso8601.Write(since)}" : "active"],
                ["weight", tenant.Weight.ToString(CultureInfo.InvariantCulture)],
                ["balance", Verb.Usd(account.Balance)],
                ["held", Verb.Usd(account.Held)],
                ["credit limit", Verb.Usd(account.CreditLimit)],
                ["available", Verb.Usd(account.Available)],
                ["requests/s", Show(tenant.RequestsPerSecond)],
                ["burst", Show(tenant.Burst)],
                ["max running", Show(tenant.MaxRunning)],
                ["max queued", Show(tenant.MaxQueued)],
                ["created", Iso8601.Write(tenant.CreatedAt)],
            ]));
    }

    private static Task SetAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        decimal? limit = given.GetValue(Limit);
        Refuse(limit < 0, "--credit-limit begins at 0.");
        return ChangeAsync(services, given, new TenantChange
        {
            Name = given.GetValue(Name),
            Billing = given.GetValue(Billing),
            CreditLimit = limit is { } usd ? Verb.MicroUsd(usd) : null,
            Weight = given.GetValue(Weight),
            Limits = kept => LimitsOver(kept, given),
        }, cancellation);
    }

    private static Command Suspension(string name, string description, bool isSuspended) => Verb.Make(
        name, description, [Id, Json], (services, given, cancellation) =>
            ChangeAsync(services, given, new TenantChange { Suspended = isSuspended }, cancellation));

    private static async Task ChangeAsync(
        IServiceProvider services, ParseResult given, TenantChange change, CancellationToken cancellation)
    {
        var id = given.GetValue(Id);
        var outcome = await services.Get<ChangeTenant>().RunAsync(id, change, Verb.Actor, cancellation);
        Refuse(outcome == ChangeOutcome.PrepaidWithLimit, PrepaidMessage);
        Refuse(outcome == ChangeOutcome.LimitInUse, "more is owed or held than the new credit limit allows: book a credit first.");
        Refuse(outcome == ChangeOutcome.Erased, $"tenant {id} is erased and stays so: make a new tenant.");
        if (outcome == ChangeOutcome.NotFound)
        {
            throw NoTenant(id);
        }

        await ShowAsync(services, id, given.GetValue(Json), cancellation);
    }

    private const string PrepaidMessage = "only a postpaid tenant has a credit limit: add --billing postpaid, or --credit-limit 0.";

    private static KeyNotFoundException NoTenant(Guid id) => new($"There is no tenant {id}: 'tenants list' shows all.");

    private static TenantLimits LimitsOver(TenantLimits kept, ParseResult given) => new(
        given.GetValue(Rate) ?? kept.RequestsPerSecond, given.GetValue(Burst) ?? kept.Burst,
        given.GetValue(Running) ?? kept.MaxRunning, given.GetValue(Queued) ?? kept.MaxQueued);

    private static string StateOf(Tenant tenant) =>
        tenant.ErasureAskedAt is not null ? "erased" : tenant.SuspendedAt is not null ? "suspended" : "active";

    private static string Show(int? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "default";

    private static void Refuse(bool isWrong, string message)
    {
        if (isWrong)
        {
            throw new VerbRefusedException(message);
        }
    }

    private static Option<int?> Ranged(string name, int largest, string description)
    {
        var option = new Option<int?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && value >= 1 && value <= largest))
            {
                result.AddError($"{name} is a whole number from 1 to {largest}.");
            }
        });
        return option;
    }

    private static Option<string?> Words(string name, params string[] allowed)
    {
        var option = new Option<string?>(name) { Description = string.Join(" or ", allowed) + "." };
        option.AcceptOnlyFromAmong(allowed);
        return option;
    }
}
