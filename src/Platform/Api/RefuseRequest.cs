using System.Buffers;
using Platform.Catalog;

namespace Platform.Api;

/// <summary>Answers a request that never came to have tasks, in the one shape that customers' programs read.</summary>
internal sealed class RefuseRequest(Envelope envelope)
{
    public static readonly TaskError NotFound = new(ErrorCodes.PathNotFound, "There is nothing at this address. Tasks go to POST /v1.");

    public static readonly TaskError NotAllowed = new(
        ErrorCodes.MethodNotAllowed, "This address does not take that method; the Allow header says which it takes. Tasks go to POST /v1.");

    public async Task RunAsync(HttpContext http, TaskError error, ErrorSubject subject = default)
    {
        var output = new ArrayBufferWriter<byte>(512);
        var status = envelope.WriteError(output, error, subject);
        await V1Endpoint.SendAsync(http, status, output.WrittenMemory);
    }

    /// <summary>
    /// Gives those refusals a body that the router makes by itself. An endpoint that answers 404 about something of its own keeps its answer.
    /// </summary>
    public async Task AroundAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        var error = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound when http.GetEndpoint() is null => NotFound,
            StatusCodes.Status405MethodNotAllowed => NotAllowed,
            _ => null,
        };
        if (error is not null && !http.Response.HasStarted && http.Response.ContentLength is null)
        {
            await RunAsync(http, error);
        }
    }
}
