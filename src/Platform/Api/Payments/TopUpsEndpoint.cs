using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Platform.Api.Lists;
using Platform.Api.Own;
using Platform.Catalog;
using Platform.Ledger.Stripe;
using Platform.Storage;
using Platform.Tenants;

namespace Platform.Api.Payments;

/// <summary><c>/v1/topups</c>: a tenant begins to pay, and sees what it paid.</summary>
internal sealed class TopUpsEndpoint(
    OwnGate gate, StartTopUp start, TopUps topUps, AuditRefusals refusals, IOptions<StorageOptions> storage)
{
    private const string Path = "/v1/topups";
    private const string List = "topups";
    private const int LargestBody = 64 * 1024;
    private const int LongestReference = 200;
    private const int SecondsUntilRoom = 600;

    private static readonly string[] Currencies = ["usd", "USD"];

    public void Map(IEndpointRouteBuilder app)
    {
        // Delegates by their type: taken for a RequestDelegate, their result would be dropped.
        Func<HttpContext, Task<IResult>> begin = http => gate.RunAsync(http, caller => BeginAsync(caller, http));
        Func<HttpContext, Task<IResult>> list = http => gate.RunAsync(http, caller => ListAsync(caller, http));
        app.MapPost(Path, (Delegate)begin);
        app.MapGet(Path, (Delegate)list);
    }

    private async Task<IResult> BeginAsync(Caller caller, HttpContext http)
    {
        if (await RequestBody.ReadAsync(http.Request, LargestBody) is not { } bytes)
        {
            return gate.Refuse([new TaskError(ErrorCodes.PayloadTooLarge, "A top-up has at most 64 KiB.")]);
        }

        if (BodyFields.Parse(bytes) is not { } body)
        {
            return gate.Refuse([new TaskError(ErrorCodes.InvalidJson, "The body must be one JSON object without duplicate keys.")]);
        }

        var (order, faults) = Read(caller.TenantId, body);
        if (order is null)
        {
            await refusals.NoteAsync(
                "payments.topUp.refused", caller.TenantId, string.Join(", ", faults.Select(static fault => fault.Code)), http.RequestAborted);
            return gate.Refuse(faults);
        }

        var (outcome, topUp) = await start.RunAsync(order, storage.Value.PublicBaseUrl.TrimEnd('/'), http.RequestAborted);
        return topUp is not null
            ? AnswerJson.Result(
                TopUpAnswer.Of(topUp), outcome == TopUpOutcome.Started ? StatusCodes.Status201Created : StatusCodes.Status200OK)
            : gate.Refuse([ErrorOf(outcome)]);
    }

    private (TopUpOrder? Order, IReadOnlyList<TaskError> Faults) Read(Guid tenantId, BodyFields body)
    {
        var cents = body.Whole("amountCents", start.Bounds.Smallest, start.Bounds.Largest, isRequired: true);
        body.OneOf("currency", isRequired: false, Currencies);
        var reference = body.Text("reference", LongestReference);
        var saves = body.Flag("saveCard") ?? false;
        var isMissing = !body.Has("amountCents");
        var faults = body.Finish();
        return faults.Count == 0
            ? (new TopUpOrder(tenantId, cents!.Value, reference, saves), [])
            : (null, [.. faults.Select(fault => new TaskError(CodeOf(fault, isMissing), fault.Message) { Parameter = fault.Path })]);
    }

    private static string CodeOf(FieldFault fault, bool isMissing) => fault switch
    {
        { IsUnknown: true } => ErrorCodes.UnknownParameter,
        { Path: "amountCents" } when isMissing => ErrorCodes.Missing(fault.Path),
        _ => ErrorCodes.Invalid(fault.Path),
    };

    private static TaskError ErrorOf(TopUpOutcome outcome) => outcome switch
    {
        TopUpOutcome.NotConfigured => new TaskError(ErrorCodes.PermissionDenied, "Payments are not configured on this platform; ask its operator."),
        TopUpOutcome.Postpaid => new TaskError(ErrorCodes.PermissionDenied, "This account is invoiced for its usage and takes no top-ups."),
        TopUpOutcome.Conflict => new TaskError(
            ErrorCodes.Invalid("reference"), "Another top-up with other fields has this 'reference'.") { Parameter = "reference" },
        TopUpOutcome.TooMany => new TaskError(ErrorCodes.RateLimitExceeded, "Too many top-ups were begun within an hour; pay one of them, or wait.")
        {
            RetryAfterSeconds = SecondsUntilRoom,
        },
        TopUpOutcome.Away => new TaskError(
            ErrorCodes.ServiceUnavailable, "The payment provider does not answer. Send the same again, with the same 'reference' where there was one."),
        _ => new TaskError(ErrorCodes.PermissionDenied, "The payment provider refused this account; its operator has to look."),
    };

    private async Task<IResult> ListAsync(Caller caller, HttpContext http)
    {
        var query = new QueryFields(http.Request.Query);
        var (before, limit) = (query.Cursor<Guid>(List), query.Limit());
        if (query.Faults is { Count: > 0 } faults)
        {
            return gate.Refuse(faults);
        }

        var found = await topUps.ListForTenantAsync(caller.TenantId, before, limit + 1, http.RequestAborted);
        return AnswerJson.Result(Page.Of(found, limit, List, TopUpAnswer.Of, static one => one.TopUpId.ToString()));
    }
}
