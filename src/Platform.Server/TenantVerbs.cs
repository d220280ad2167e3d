using System.CommandLine;
using Platform.Ledger;
using Platform.Tenants;

namespace Platform.Server;

/// <summary><c>tenants create</c>.</summary>
internal static class TenantVerbs
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { Required = true, Description = "How people call it." };
        var credit = new Option<decimal>("--credit") { Description = "Credit to begin with, in USD." };
        var weight = new Option<int>("--weight") { Description = "Share of a busy pool, 1 to 1000.", DefaultValueFactory = static _ => 1 };
        var json = Verb.Json();
        var create = new Command("create", "Make a tenant with an account.") { name, credit, weight, json };
        create.SetAction((given, cancellation) => Verb.WithPlatformAsync(
            async services =>
            {
                var tenant = await services.GetRequiredService<RegisterTenants>()
                    .CreateTenantAsync(given.GetValue(name)!, given.GetValue(weight), cancellation);
                var amount = (long)(given.GetValue(credit) * 1_000_000m);
                if (amount > 0)
                {
                    await services.GetRequiredService<AddCredit>()
                        .RunAsync(tenant.TenantId, amount, "opening", "Credit at the start", cancellation);
                }

                Verb.Answer(
                    given.GetValue(json),
                    new { tenant.TenantId, tenant.Name, Balance = amount },
                    $"Tenant {tenant.Name}: {tenant.TenantId}, balance {amount / 1_000_000m} USD");
            },
            cancellation));
        return new Command("tenants", "Customers of the platform.") { create };
    }
}
