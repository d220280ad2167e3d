using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Ledger.Promotions;

namespace Platform.Api.Admin;

/// <summary>Credits, grants, adjustments, refunds, balances and the ledgers of tenants. What is refused is audited as what is done.</summary>
internal sealed class MoneyEndpoint(AddCredit credit, RefundTask refund, GrantCredit grant, ReadLedger read, MoneyGate gate)
{
    private const int LongestReference = 200;
    private const int LongestReason = 500;

    public void Map(IEndpointRouteBuilder admin)
    {
        admin.MapPost("/tenants/{id}/credits", AddAsync);
        admin.MapPost("/tenants/{id}/adjustments", AdjustAsync);
        admin.MapPost("/tenants/{id}/grants", GrantAsync);
        admin.MapGet("/tenants/{id}/grants", ListGrantsAsync);
        admin.MapPost("/tenants/{id}/refunds", RefundAsync);
        admin.MapGet("/tenants/{id}/balance", BalanceAsync);
        admin.MapGet("/tenants/{id}/ledger", ListAsync);
    }

    private Task<IResult> AddAsync(string id, HttpRequest request, CancellationToken cancellation) => gate.RunAsync(
        new MoneyCall("credits.add", id, request),
        body => ReadOrder(body, isAdjustment: false),
        (tenantId, order) => BookAsync(order with { TenantId = tenantId }, cancellation),
        cancellation);

    private Task<IResult> AdjustAsync(string id, HttpRequest request, CancellationToken cancellation) => gate.RunAsync(
        new MoneyCall("credits.adjust", id, request),
        body => ReadOrder(body, isAdjustment: true),
        (tenantId, order) => BookAsync(order with { TenantId = tenantId }, cancellation),
        cancellation);

    private Task<IResult> GrantAsync(string id, HttpRequest request, TimeProvider time, CancellationToken cancellation) => gate.RunAsync(
        new MoneyCall("credits.grant", id, request),
        body =>
        {
            var amount = body.Whole("amount", 1, CreditOrder.Largest, isRequired: true);
            var (reason, reference) = (Reason(body), Reference(body));
            var expiresAt = body.Instant("expiresAt");
            if (!body.Has("expiresAt"))
            {
                body.Refuse("expiresAt", "'expiresAt' is required.");
            }
            else if (expiresAt <= time.GetUtcNow())
            {
                body.Refuse("expiresAt", "'expiresAt' must lie in the future.");
            }

            return new GrantOrder(Guid.Empty, amount ?? 0, reference ?? "", reason ?? "", expiresAt ?? default);
        },
        async (tenantId, order) => Answer(await grant.RunAsync(order with { TenantId = tenantId }, gate.Actor, cancellation)),
        cancellation);

    private Task<IResult> RefundAsync(string id, HttpRequest request, CancellationToken cancellation) => gate.RunAsync(
        new MoneyCall("credits.refund", id, request),
        body =>
        {
            var (reason, reference) = (Reason(body), Reference(body));
            var order = new RefundOrder(Guid.Empty, reference ?? "", reason ?? "")
            {
                TaskUuid = body.Id("taskUUID"),
                AudioUuid = body.Id("audioUUID"),
            };
            if (body.Has("taskUUID") == body.Has("audioUUID"))
            {
                body.Refuse("taskUUID", "Either 'taskUUID' or 'audioUUID' is required: the whole task is refunded, or that result.");
            }

            return order;
        },
        async (tenantId, order) => Answer(await refund.RunAsync(order with { TenantId = tenantId }, gate.Actor, cancellation)),
        cancellation);

    private static CreditOrder ReadOrder(BodyFields body, bool isAdjustment)
    {
        var amount = body.Whole("amount", -CreditOrder.Largest, CreditOrder.Largest, isRequired: true);
        var (reason, reference) = (Reason(body), Reference(body));
        var order = new CreditOrder(Guid.Empty, amount ?? 0, reference ?? "", reason ?? "") { IsAdjustment = isAdjustment };
        if (amount == 0)
        {
            body.Refuse("amount", "'amount' must not be 0.");
        }

        return order;
    }

    private static string? Reference(BodyFields body) => body.Text("reference", LongestReference, isRequired: true);

    private static string? Reason(BodyFields body) => body.Text("reason", LongestReason, isRequired: true);

    private async Task<IResult> BookAsync(CreditOrder order, CancellationToken cancellation) =>
        Answer(await credit.BookAsync(order, gate.Actor, cancellation));

    private static IResult Answer(BookedCredit booked) =>
        AnswerJson.Result(booked.Entry, booked.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);

    private static IResult Answer(Refund refunded) => refunded.Outcome switch
    {
        RefundOutcome.Booked or RefundOutcome.Known => AnswerJson.Result(
            new { refunded.Amount, refunded.Entries },
            refunded.Outcome == RefundOutcome.Booked ? StatusCodes.Status201Created : StatusCodes.Status200OK),
        RefundOutcome.NothingCaptured => throw new MoneyRefusedException(
            Problem.NotFound, "Nothing was charged to this tenant for a task or a result of this id."),
        RefundOutcome.ReferenceInUse => throw new MoneyRefusedException(Problem.ReferenceInUse, null),
        _ => throw new MoneyRefusedException(Problem.AlreadyRefunded, null),
    };

    private async Task<IResult> ListGrantsAsync(string id, CancellationToken cancellation) =>
        AdminIds.Tenant(id) is { } tenantId && await read.FindAccountForTenantAsync(tenantId, cancellation) is not null
            ? AnswerJson.Result(new Page<GrantAnswer>(
                [.. (await grant.ListForTenantAsync(tenantId, cancellation)).Select(GrantAnswer.Of)], NextCursor: null))
            : AdminIds.NoTenant;

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

/// <summary>Promotional credit as operators see it, in micro-USD.</summary>
internal sealed record GrantAnswer(
    string Reference, string Reason, long Amount, long Remaining, DateTimeOffset GrantedAt, DateTimeOffset ExpiresAt, DateTimeOffset? ClosedAt)
{
    public static GrantAnswer Of(Promotion promotion) => new(
        promotion.Reference, promotion.Reason, promotion.Amount, promotion.Remaining, promotion.GrantedAt, promotion.ExpiresAt, promotion.ClosedAt);
}
