using System.Buffers;
using Platform.Api.Admin;
using Platform.Catalog;

namespace Platform.Api;

/// <summary>Answers a request that never came to have tasks.</summary>
internal sealed class RefuseRequest(Envelope envelope)
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
    /// about tasks. An endpoint that answers 404 about something of its own keeps its answer.
    /// </summary>
    public static async Task AroundAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        var problem = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound when http.GetEndpoint() is null => Problem.NoSuchPath,
            StatusCodes.Status405MethodNotAllowed => Problem.MethodNotAllowed,
            _ => null,
        };
        if (problem is not null && !http.Response.HasStarted && http.Response.ContentLength is null)
        {
            await Problem.Result(problem).ExecuteAsync(http);
        }
    }
}
