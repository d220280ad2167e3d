using System.Buffers;
using Platform.Api.Admin;
using Platform.Catalog;
using Platform.Persistence;

namespace Platform.Api;

/// <summary>Answers a request that never came to have tasks.</summary>
internal sealed partial class RefuseRequest(Envelope envelope)
{
    /// <summary>In the one shape that customers' programs read.</summary>
    public async Task RunAsync(HttpContext http, TaskError error, ErrorSubject subject = default)
    {
        var output = new ArrayBufferWriter<byte>(512);
        var status = envelope.WriteError(output, error, subject);
        await V1Endpoint.SendAsync(http, status, output.WrittenMemory, error.RetryAfterSeconds);
    }

    /// <summary>
    /// Gives a body to those refusals that the router makes by itself: a problem (RFC 9457), since the codes of the protocol are a closed list
    /// about tasks. An endpoint that answers 404 with words of its own keeps its answer. What breaks where nobody foresaw it is a problem too.
    /// </summary>
    public static async Task AroundAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
#pragma warning disable CA1031 // The edge of the platform: whatever it is, the caller gets an answer and the log gets the fault.
        catch (Exception fault) when (IsOurs(fault, http))
#pragma warning restore CA1031
        {
            LogFault(http.RequestServices.GetRequiredService<ILogger<RefuseRequest>>(), fault, http.Request.Path);
            http.Response.Clear();
            await Problem.Result(DatabaseRetry.MayPass(fault) ? Problem.Unavailable : Problem.Fault).ExecuteAsync(http);
            return;
        }

        var problem = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => http.GetEndpoint() is null ? Problem.NoSuchPath : Problem.NotFound,
            StatusCodes.Status405MethodNotAllowed => Problem.MethodNotAllowed,
            _ => null,
        };
        if (problem is not null && !http.Response.HasStarted && http.Response.ContentLength is null)
        {
            await Problem.Result(problem, DetailOf(problem, http.Request.Path)).ExecuteAsync(http);
        }
    }

    // The server itself answers what the caller did wrong in the protocol, and nobody is left to be told of a request that was given up.
    private static bool IsOurs(Exception fault, HttpContext http) =>
        fault is not BadHttpRequestException && !http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested;

    private static string? DetailOf(ProblemKind problem, PathString path) => problem != Problem.NotFound ? null
        : path.StartsWithSegments("/media", StringComparison.Ordinal)
            ? "There is no such file, or its link has ended. getResponse and getTaskDetails show the links of a task; send the task again where it has ended."
        : path.StartsWithSegments("/v1/schemas", StringComparison.Ordinal)
            ? "There is no model of this identifier. The task modelSearch lists those there are."
        : null;

    [LoggerMessage(EventId = 3110, Level = LogLevel.Error, Message = "A request to {Path} met a fault of ours")]
    private static partial void LogFault(ILogger log, Exception fault, string path);
}
