using System.Globalization;
using Microsoft.Extensions.Options;
using Platform.Catalog;

namespace Platform.Api;

/// <summary><c>POST /v1</c>: one body of tasks in, one envelope out.</summary>
internal sealed class V1Endpoint(
    Authenticate authenticate, Dispatcher dispatcher, Envelope envelope, RefuseRequest refuse, IOptions<ApiOptions> options)
{
    public const string Path = "/v1";

    // Seconds after which a client may come again when the platform itself is short of something.
    private const int RetryAfter = 2;

    private readonly ApiOptions _options = options.Value;

    public async Task HandleAsync(HttpContext http)
    {
        // A key in the header is looked at before the body, so that a stranger cannot make the platform take one in.
        var key = Authenticate.KeyOfHeader(http.Request);
        var (caller, refusal) = key is null ? default : await authenticate.FindAsync(key, http.RequestAborted);
        if (refusal is not null)
        {
            await RefuseCallerAsync(http, refusal);
            return;
        }

        if (await RequestBody.ReadAsync(http.Request, _options.MaxBodyBytes) is not { } body)
        {
            await refuse.RunAsync(http, new TaskError(ErrorCodes.PayloadTooLarge, $"A request body may have at most {_options.MaxBodyBytes} bytes."));
            return;
        }

        var parsed = StrictJson.Parse(body, _options.MaxTasks);
        if (!parsed.Succeeded)
        {
            await refuse.RunAsync(http, parsed.Error);
            return;
        }

        if (caller is null)
        {
            (caller, refusal) = await authenticate.RunAsync(http.Request, parsed.Tasks[0].Json, http.RequestAborted);
        }

        if (caller is null)
        {
            await RefuseCallerAsync(http, refusal!);
            return;
        }

        // A caller that hangs up does not stop a task that was accepted: the handlers get no token of this request.
        var calls = parsed.Tasks.Select(task => new TaskCall(caller, task)).ToArray();
        var replies = await Task.WhenAll(calls.Select(call => dispatcher.HandleAsync(call, CancellationToken.None)));
        var output = new System.Buffers.ArrayBufferWriter<byte>(512);
        var status = envelope.Write(output, [.. calls.Zip(replies)]);
        dispatcher.Rates.Describe(http.Response.Headers, caller, calls);
        var retryAfter = replies.SelectMany(static reply => reply.Errors).Max(static error => error.RetryAfterSeconds);
        await SendAsync(http, status, output.WrittenMemory, retryAfter);
    }

    // A database that is away says nothing about the key, so that error is the request's and not the authentication's.
    private Task RefuseCallerAsync(HttpContext http, TaskError refusal) =>
        refuse.RunAsync(http, refusal, refusal.Code == ErrorCodes.ServiceUnavailable ? default : ErrorSubject.Authentication);

    public static async Task SendAsync(HttpContext http, int status, ReadOnlyMemory<byte> body, int? retryAfter = null)
    {
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = (retryAfter ?? RetryAfter).ToString(CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(body, http.RequestAborted);
    }
}
