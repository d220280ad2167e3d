using System.Diagnostics;
using Microsoft.AspNetCore.Routing;

namespace Platform.Telemetry;

/// <summary>
/// Tells a customer's request by its trace: the answer carries <c>traceparent</c>, and the span of the web server gets its name and tags.
/// The path stands in it as its route, so that neither ids nor a query end up in a trace.
/// </summary>
internal static class RequestTrace
{
    public const string Header = "traceparent";

    public static async Task AroundAsync(HttpContext http, RequestDelegate next)
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C } span)
        {
            await next(http);
            return;
        }

        if (http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
        {
            // A probe every few seconds is no news.
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            await next(http);
            return;
        }

        http.Response.Headers[Header] = span.Id;
        await next(http);
        if (span.IsAllDataRequested)
        {
            Describe(span, http);
        }
    }

    private static void Describe(Activity span, HttpContext http)
    {
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";
        span.DisplayName = $"{http.Request.Method} {route}";
        span.SetTag("http.request.method", http.Request.Method);
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
