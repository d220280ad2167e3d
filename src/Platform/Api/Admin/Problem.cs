using Platform.Api.Lists;

namespace Platform.Api.Admin;

/// <summary>One kind of refusal of the operator surface (RFC 9457).</summary>
/// <param name="Name">Ends the <c>type</c>, which leads to the kind's paragraph on the page of problems.</param>
internal sealed record ProblemKind(string Name, int Status, string Title, string Remedy);

/// <summary>The closed list of problems, and how they are shown.</summary>
internal static class Problem
{
    /// <summary>Where the page of problems is; every <c>type</c> is an anchor of it.</summary>
    public const string Path = "/docs/problems";

    public const string ContentType = "application/problem+json";

    public static readonly ProblemKind MissingKey = new(
        "missing-admin-key", 401, "No admin key was sent", "Send it as 'Authorization: Bearer KEY'.");

    public static readonly ProblemKind InvalidKey = new(
        "invalid-admin-key", 401, "The admin key is wrong", "Check PLATFORM_ADMIN_KEY, or admin.key in the data folder.");

    public static readonly ProblemKind Disabled = new(
        "no-admin-key-set", 403, "This platform has no admin key", "Set PLATFORM_ADMIN_KEY on every api node and start it again.");

    public static readonly ProblemKind InvalidJson = new(
        "invalid-json", 400, "The body is no JSON object", "Send one JSON object without duplicate keys.");

    public static readonly ProblemKind InvalidFields = new(
        "invalid-fields", 400, "Some fields are wrong", "The list 'errors' names each field and what was expected of it.");

    public static readonly ProblemKind TooLarge = new(
        "body-too-large", 413, "The body is too large", "A body of this surface has at most 64 KiB.");

    public static readonly ProblemKind NotFound = new(
        "not-found", 404, "There is no such thing", "Check the id and the path.");

    public static readonly ProblemKind NoSuchPath = new(
        "no-such-path", 404, "There is nothing at this address", "Tasks go to POST /v1, or over a WebSocket at /v1; /docs/api lists the other addresses.");

    public static readonly ProblemKind MethodNotAllowed = new(
        "method-not-allowed", 405, "This address does not take that method", "The header Allow says which it takes. Tasks go to POST /v1.");

    public static readonly ProblemKind InsufficientCredit = new(
        "insufficient-credit", 409, "The account has less available than the debit takes", "Take less, or wait until holds are released.");

    public static readonly ProblemKind ReferenceInUse = new(
        "reference-in-use", 409, "This reference belongs to another entry",
        "Every booking has a reference of its own; send the same one only to send it again.");

    public static readonly ProblemKind AlreadyRefunded = new(
        "already-refunded", 409, "All of it has been refunded before", "Nothing is paid back twice; the ledger shows the earlier refund.");

    public static readonly ProblemKind LimitInUse = new(
        "credit-limit-in-use", 409, "More is owed or held than the new credit limit allows", "Book a credit first, or choose a higher limit.");

    public static readonly ProblemKind NoPayments = new(
        "payments-not-configured", 501, "This platform takes no payments", "Set Stripe:SecretKey and Stripe:WebhookSecrets on every node and start it again.");

    public static readonly ProblemKind InvalidSignature = new(
        "invalid-signature", 400, "The call is not signed as Stripe signs", "Check Stripe:WebhookSecrets against the endpoint at Stripe, and the clock.");

    public static readonly ProblemKind OtherMode = new(
        "other-mode", 400, "The event is of the other mode of Stripe", "An endpoint in test mode goes with a test key, one in live mode with a live key.");

    public static readonly ProblemKind PayerTaken = new(
        "customer-taken", 409, "Another tenant has this customer of Stripe", "Give each tenant a customer of its own.");

    public static readonly ProblemKind ProviderAway = new(
        "payments-unavailable", 503, "Stripe cannot be reached", "Nothing was changed; try again.");

    public static readonly ProblemKind WebhookOnItsWay = new(
        "webhook-on-its-way", 409, "The webhook has not ended", "Its schedule goes on; only a delivered or dead one is sent again.");

    public static readonly ProblemKind TenantErased = new(
        "tenant-erased", 409, "The tenant is erased", "It stays so, and nothing about it is changed or made any more; make a new tenant.");

    public static readonly ProblemKind TooManySecrets = new(
        "too-many-webhook-secrets", 409, "Five webhook secrets sign already", "Each signs for a day after its rotation; rotate again when one has ended.");

    public static readonly ProblemKind Unavailable = new(
        "service-unavailable", 503, "The database cannot be reached", "Nothing was changed that was not answered; try again.");

    public static readonly ProblemKind TooLong = new(
        "too-long", 503, "Looking that up took longer than five seconds", "Narrow it with a tenant, 'from' and 'to', or ask for fewer with 'limit'.");

    public static readonly ProblemKind Busy = new(
        "busy", 429, "As many exports are being read as may be", "Read one to its end, or try again after a while.");

    public static readonly ProblemKind Fault = new(
        "internal-error", 500, "The platform met a fault of its own", "Look into the log of the api node at the time of the request.");

    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        MissingKey, InvalidKey, Disabled, InvalidJson, InvalidFields, TooLarge, NotFound, NoSuchPath, MethodNotAllowed,
        InsufficientCredit, ReferenceInUse, AlreadyRefunded, LimitInUse, NoPayments, InvalidSignature, OtherMode, PayerTaken, ProviderAway,
        WebhookOnItsWay, TenantErased, TooManySecrets, Unavailable, TooLong, Busy, Fault,
    ];

    public static IResult Result(ProblemKind kind, string? detail = null) => new ProblemResult(kind, detail, null);

    public static IResult Result(IReadOnlyList<FieldFault> faults) => new ProblemResult(
        InvalidFields,
        faults.Count == 1 ? faults[0].Message : $"{faults.Count} fields are wrong; 'errors' names each.",
        faults);

    /// <summary>Writes a problem; a field is named by a JSON pointer into the body, or as a parameter of the query.</summary>
    private sealed class ProblemResult(ProblemKind kind, string? detail, IReadOnlyList<FieldFault>? faults) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = kind.Status;
            if (kind.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            {
                response.Headers.RetryAfter = "2";
            }
            else if (kind.Status == StatusCodes.Status401Unauthorized)
            {
                response.Headers.WWWAuthenticate = "Bearer";
            }

            var isQuery = HttpMethods.IsGet(httpContext.Request.Method);
            var body = new
            {
                type = $"{Path}#{kind.Name}",
                kind.Title,
                kind.Status,
                detail = detail ?? kind.Remedy,
                errors = faults?.Select(fault => isQuery
                    ? new { parameter = (string?)fault.Path, pointer = (string?)null, detail = fault.Message }
                    : new { parameter = (string?)null, pointer = (string?)("/" + fault.Path.Replace('.', '/')), detail = fault.Message }),
            };
            return response.WriteAsJsonAsync(body, AnswerJson.Options, ContentType, httpContext.RequestAborted);
        }
    }
}
