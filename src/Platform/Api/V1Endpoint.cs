using System.Globalization;
using Platform.Delivery;

namespace Platform.Api;

/// <summary><c>POST /v1</c>: one body of tasks in, one envelope out.</summary>
internal sealed partial class V1Endpoint(
    ReceiveTasks receive, Dispatcher dispatcher, Envelope envelope, RefuseRequest refuse, ILogger<V1Endpoint> log)
{
    public const string Path = "/v1";

    // Seconds after which a client may come again when the platform itself is short of something.
    private const int RetryAfter = 2;

    public async Task HandleAsync(HttpContext http)
    {
        // What was read is held by the calls alone, and each lets go of it when it is accepted or answered.
        var received = await receive.RunAsync(http.Request);
        if (received.Calls is not { } calls)
        {
            await refuse.RunAsync(http, received.Error!, received.IsOfKey ? ErrorSubject.Authentication : default);
            return;
        }

        // A caller that hangs up does not stop a task that was accepted: the handlers get no token of this request.
        var replies = await Task.WhenAll(calls.Select(call => dispatcher.HandleAsync(call, CancellationToken.None)));
        var output = new ReplyWriter(512);
        var status = envelope.Write(output, [.. calls.Zip(replies)]);
        dispatcher.Rates.Describe(http.Response.Headers, calls[0].Caller, calls);
        var retryAfter = replies.SelectMany(static reply => reply.Errors).Max(static error => error.RetryAfterSeconds);
        try
        {
            await SendAsync(http, status, output.ToText(), retryAfter);
        }
        catch (Exception fault) when (fault is IOException or ReplyLostException && !http.RequestAborted.IsCancellationRequested)
        {
            // The file was whole when the reply began. Half a reply must not look like a whole one.
            LogCut(log, fault.Message);
            http.Abort();
        }
    }

    public static async Task SendAsync(HttpContext http, int status, ReplyText body, int? retryAfter = null)
    {
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = (retryAfter ?? RetryAfter).ToString(CultureInfo.InvariantCulture);
        }

        await body.WriteAsync((bytes, _) => response.Body.WriteAsync(bytes, http.RequestAborted), http.RequestAborted);
    }

    [LoggerMessage(EventId = 3105, Level = LogLevel.Warning, Message = "A reply was cut off because its audio could not be read on: {Reason}")]
    private static partial void LogCut(ILogger log, string reason);
}
