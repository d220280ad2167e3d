using Microsoft.AspNetCore.Routing;
using Platform.Api.Admin;
using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Ledger.Stripe;

namespace Platform.Api.Payments;

/// <summary><c>/admin/v1/tenants/{id}/payments</c> and <c>/topups</c>: who pays for a tenant, its automatic top-up, and what it paid.</summary>
internal sealed class PaymentsAdmin(PayingCustomers customers, FollowReversal reversals, TopUps topUps, ReadLedger ledger, AdminKey key)
{
    private const string List = "topups";
    private const int LongestCustomer = 255;

    public void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/tenants/{id}/payments", ShowAsync);
        admin.MapPatch("/tenants/{id}/payments", ChangeAsync);
        admin.MapGet("/tenants/{id}/topups", ListAsync);
    }

    private async Task<IResult> ShowAsync(string id, CancellationToken cancellation) =>
        await FindAsync(id, cancellation) is { } tenantId
            ? AnswerJson.Result(PaymentsAnswer.Of(
                await customers.FindForTenantAsync(tenantId, cancellation), await reversals.OwedAsync(tenantId, cancellation)))
            : AdminIds.NoTenant;

    private async Task<IResult> ChangeAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        var change = Read(body);
        if (body.Finish() is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        if (AdminIds.Tenant(id) is not { } tenantId)
        {
            return AdminIds.NoTenant;
        }

        try
        {
            return await customers.ChangeAsync(tenantId, change, key.Actor, cancellation) switch
            {
                PayingOutcome.Changed => await ShowAsync(id, cancellation),
                PayingOutcome.CustomerTaken => Problem.Result(Problem.PayerTaken),
                PayingOutcome.CustomerUnknown => Problem.Result(
                    [new FieldFault("stripeCustomer", "'stripeCustomer' must be a customer that Stripe knows under this platform's key.")]),
                PayingOutcome.NoCustomer => Problem.Result(
                    [new FieldFault("automaticTopUp", "'automaticTopUp' needs a customer to charge: set 'stripeCustomer', or let the tenant top up once.")]),
                _ => AdminIds.NoTenant,
            };
        }
        catch (Exception fault) when (StripeFault.MayPass(fault))
        {
            return Problem.Result(Problem.ProviderAway);
        }
    }

    private static PayingChange Read(BodyFields body)
    {
        var customer = body.Text("stripeCustomer", LongestCustomer);
        if (customer is not null && !customer.StartsWith("cus_", StringComparison.Ordinal))
        {
            body.Refuse("stripeCustomer", "'stripeCustomer' must be the id of a customer at Stripe, which begins with cus_.");
        }

        if (!body.Has("automaticTopUp"))
        {
            return new PayingChange { Customer = customer };
        }

        if (body.IsNull("automaticTopUp"))
        {
            body.Expect("automaticTopUp");
            return new PayingChange { Customer = customer, SetsAutomatic = true };
        }

        var automatic = body.Inner("automaticTopUp");
        var below = automatic?.Whole("below", 1, CreditOrder.Largest, isRequired: true);
        var amount = automatic?.Whole("amount", 50 * Cents.MicroUsd, 99_999_999 * Cents.MicroUsd, isRequired: true);
        if (amount % Cents.MicroUsd > 0)
        {
            automatic!.Refuse("amount", "'automaticTopUp.amount' must be whole cents: a multiple of 10000 micro-USD.");
        }
        else if (amount < below)
        {
            automatic!.Refuse("amount", "'automaticTopUp.amount' must not be less than 'automaticTopUp.below': one payment has to be enough.");
        }

        automatic?.Finish();
        return new PayingChange { Customer = customer, SetsAutomatic = true, AutoBelow = below, AutoAmount = amount };
    }

    private async Task<IResult> ListAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var query = new QueryFields(request.Query);
        var (before, limit) = (query.Cursor<Guid>(List), query.Limit());
        if (query.Faults is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        return await FindAsync(id, cancellation) is { } tenantId
            ? AnswerJson.Result(Page.Of(
                await topUps.ListForTenantAsync(tenantId, before, limit + 1, cancellation), limit, List, TopUpAnswer.Of,
                static one => one.TopUpId.ToString()))
            : AdminIds.NoTenant;
    }

    private async Task<Guid?> FindAsync(string id, CancellationToken cancellation) =>
        AdminIds.Tenant(id) is { } tenantId && await ledger.FindAccountForTenantAsync(tenantId, cancellation) is not null ? tenantId : null;
}
