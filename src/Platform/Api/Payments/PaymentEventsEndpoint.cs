using Microsoft.AspNetCore.Routing;
using Platform.Api.Admin;
using Platform.Ledger.Stripe;
using Platform.Persistence;

namespace Platform.Api.Payments;

/// <summary><c>POST /stripe/webhook</c>, where Stripe sends its events, and the pages that customers come back to from paying.</summary>
internal sealed partial class PaymentEventsEndpoint(ReceiveEvent receive, ILogger<PaymentEventsEndpoint> log)
{
    public const string Path = "/stripe/webhook";
    private const int LargestBody = 1024 * 1024;

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost(Path, ReceiveAsync);
        app.MapGet(StartTopUp.PaidPath, static () => Say("Thank you. The credit is on your account as soon as the payment is confirmed."));
        app.MapGet(StartTopUp.CancelledPath, static () => Say("Nothing was paid."));
    }

    private async Task<IResult> ReceiveAsync(HttpRequest request, CancellationToken cancellation)
    {
        // The raw bytes: the signature is over them.
        if (await RequestBody.ReadAsync(request, LargestBody) is not { } body)
        {
            return Problem.Result(Problem.TooLarge, "An event has at most 1 MiB.");
        }

        try
        {
            return await receive.RunAsync(body, request.Headers[EventSignature.Header].ToString(), cancellation) switch
            {
                Reception.Taken => Results.Ok(),
                Reception.NotConfigured => Problem.Result(Problem.NoPayments),
                Reception.Stale => Problem.Result(
                    Problem.InvalidSignature, "The signature is of another time; check the clocks, or who sends old calls again."),
                Reception.OtherMode => Problem.Result(Problem.OtherMode),
                Reception.Malformed => Problem.Result(Problem.InvalidJson, "The call is signed and is no event."),
                _ => Problem.Result(Problem.InvalidSignature),
            };
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            // Not written down, so not taken: Stripe sends it again.
            LogAway(log, fault.Message);
            return Problem.Result(Problem.Unavailable);
        }
    }

    private static IResult Say(string sentence) => Results.Content(
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Payment</title><p>{sentence}</p></html>", "text/html; charset=utf-8");

    [LoggerMessage(EventId = 3403, Level = LogLevel.Warning, Message = "An event of Stripe was sent back because the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}
