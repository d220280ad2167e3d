using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Ledger;

namespace Platform.Api.Admin;

/// <summary>Credits, balances and the ledgers of tenants.</summary>
internal sealed class MoneyEndpoint(AddCredit credit, ReadLedger read, AdminKey key)
{
    private const int LongestReference = 200;
    private const int LongestReason = 500;

    public void Map(IEndpointRouteBuilder admin)
    {
        admin.MapPost("/tenants/{id}/credits", AddAsync);
        admin.MapGet("/tenants/{id}/balance", BalanceAsync);
        admin.MapGet("/tenants/{id}/ledger", ListAsync);
    }

    private async Task<IResult> AddAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        var amount = body.Whole("amount", -CreditOrder.Largest, CreditOrder.Largest, isRequired: true);
        var reason = body.Text("reason", LongestReason, isRequired: true);
        var reference = body.Text("reference", LongestReference, isRequired: true);
        if (amount == 0)
        {
            body.Refuse("amount", "'amount' must not be 0.");
        }

        if (body.Finish() is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        if (AdminIds.Tenant(id) is not { } tenantId || await read.FindAccountForTenantAsync(tenantId, cancellation) is null)
        {
            return AdminIds.NoTenant;
        }

        return await BookAsync(new CreditOrder(tenantId, amount!.Value, reference!, reason!), cancellation);
    }

    private async Task<IResult> BookAsync(CreditOrder order, CancellationToken cancellation)
    {
        try
        {
            var booked = await credit.BookAsync(order, key.Actor, cancellation);
            return AnswerJson.Result(booked.Entry, booked.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        }
        catch (InsufficientCreditException)
        {
            return Problem.Result(Problem.InsufficientCredit);
        }
    }

    private async Task<IResult> BalanceAsync(string id, CancellationToken cancellation) =>
        AdminIds.Tenant(id) is { } tenantId && await read.FindAccountForTenantAsync(tenantId, cancellation) is { } account
            ? AnswerJson.Result(BalanceAnswer.Of(account))
            : AdminIds.NoTenant;

    private async Task<IResult> ListAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var list = LedgerQuery.Read(request.Query, out var faults);
        if (faults.Count > 0)
        {
            return Problem.Result(faults);
        }

        return AdminIds.Tenant(id) is { } tenantId && await read.FindAccountForTenantAsync(tenantId, cancellation) is not null
            ? AnswerJson.Result(await list.RunAsync(read, tenantId, cancellation))
            : AdminIds.NoTenant;
    }
}
