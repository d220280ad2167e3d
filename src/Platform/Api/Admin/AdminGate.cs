using Npgsql;
using Platform.Persistence;
using Platform.Tenants;

namespace Platform.Api.Admin;

/// <summary>Lets in who has the admin key, and turns what breaks behind it into problems.</summary>
internal sealed partial class AdminGate(AdminKey key, ILogger<AdminGate> log) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.CacheControl = "no-store";
        if (Refusal(http.Request) is { } refusal)
        {
            return Problem.Result(refusal);
        }

        try
        {
            return await next(context);
        }
        catch (TenantErasedException)
        {
            return Problem.Result(Problem.TenantErased);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            return Problem.Result(Problem.TooLong);
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault)
            || (fault is InvalidOperationException { InnerException: { } cause } && DatabaseRetry.MayPass(cause)))
        {
            LogAway(log, fault.Message);
            return Problem.Result(Problem.Unavailable);
        }
#pragma warning disable CA1031 // The edge of the surface: whatever it is, the operator gets a problem and the log gets the fault.
        catch (Exception fault) when (!http.RequestAborted.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFault(log, fault, http.Request.Path);
            return Problem.Result(Problem.Fault);
        }
    }

    private ProblemKind? Refusal(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!key.IsSet)
        {
            return Problem.Disabled;
        }

        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Problem.MissingKey;
        }

        return key.Matches(header[Scheme.Length..].Trim()) ? null : Problem.InvalidKey;
    }

    [LoggerMessage(EventId = 3401, Level = LogLevel.Warning, Message = "An operator's request was refused because the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);

    [LoggerMessage(EventId = 3402, Level = LogLevel.Error, Message = "An operator's request to {Path} met a fault of ours")]
    private static partial void LogFault(ILogger log, Exception fault, string path);
}
