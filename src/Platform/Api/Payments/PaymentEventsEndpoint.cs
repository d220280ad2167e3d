using Microsoft.AspNetCore.Routing;
using Platform.Api.Admin;
using Platform.Ledger.Stripe;
using Platform.Persistence;

namespace Platform.Api.Payments;

/// <summary><c>POST /stripe/webhook</c>, where Stripe sends its events, and the pages that customers come back to from paying.</summary>
#pragma warning disable CA1001 // The semaphore's wait handle is never asked for, so there is nothing to give back.
internal sealed partial class PaymentEventsEndpoint(ReceiveEvent receive, ILogger<PaymentEventsEndpoint> log)
#pragma warning restore CA1001
{
    public const string Path = "/stripe/webhook";
    private const int LargestBody = 1024 * 1024;

    // An event is seldom larger. Who sends more than this needs one of a few places, for anybody may send here, and who it was shows only in
    // the whole body.
    private const int UsualBody = 64 * 1024;
    private const int AtOnce = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _reading = new(AtOnce, AtOnce);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost(Path, ReceiveAsync);
        app.MapGet(StartTopUp.PaidPath, static () => Say("Thank you. The credit is on your account as soon as the payment is confirmed."));
        app.MapGet(StartTopUp.CancelledPath, static () => Say("Nothing was paid."));
    }

    private async Task<IResult> ReceiveAsync(HttpRequest request, CancellationToken cancellation)
    {
        var signature = request.Headers[EventSignature.Header].ToString();
        try
        {
            if (await receive.RefuseUnreadAsync(signature, cancellation) is { } refusal)
            {
                return ResultOf(refusal);
            }

            var (body, fault) = await ReadAsync(request);
            return fault ?? ResultOf(await receive.RunAsync(body, signature, cancellation));
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            // Not written down, so not taken: Stripe sends it again.
            LogAway(log, fault.Message);
            return Problem.Result(Problem.Unavailable);
        }
    }

    private async Task<(ReadOnlyMemory<byte> Body, IResult? Fault)> ReadAsync(HttpRequest request)
    {
        // The raw bytes: the signature is over them.
        var body = new RequestBody(request, LargestBody) { Patience = Patience };
        var state = await body.ReadAsync(UsualBody, room: null);
        if (state == BodyState.GoesOn)
        {
            if (!await _reading.WaitAsync(TimeSpan.Zero, request.HttpContext.RequestAborted))
            {
                return (default, Problem.Result(Problem.Unavailable, "Too many large events come at once; send it again."));
            }

            try
            {
                state = await body.ReadAsync(LargestBody, room: null);
            }
            finally
            {
                _reading.Release();
            }
        }

        return state switch
        {
            BodyState.Whole => (body.Bytes, null),
            BodyState.Broken => (default, Problem.Result(Problem.InvalidJson, "The body did not come to its end in time.")),
            _ => (default, Problem.Result(Problem.TooLarge, "An event has at most 1 MiB.")),
        };
    }

    private static IResult ResultOf(Reception reception) => reception switch
    {
        Reception.Taken => Results.Ok(),
        Reception.NotConfigured => Problem.Result(Problem.NoPayments),
        Reception.Stale => Problem.Result(
            Problem.InvalidSignature, "The signature is of another time; check the clocks, or who sends old calls again."),
        Reception.OtherMode => Problem.Result(Problem.OtherMode),
        Reception.Malformed => Problem.Result(Problem.InvalidJson, "The call is signed and is no event."),
        _ => Problem.Result(Problem.InvalidSignature),
    };

    private static IResult Say(string sentence) => Results.Content(
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Payment</title><p>{sentence}</p></html>", "text/html; charset=utf-8");

    [LoggerMessage(EventId = 3403, Level = LogLevel.Warning, Message = "An event of Stripe was sent back because the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}
