using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Platform.Persistence;
using Platform.Tenants;

namespace Platform.Api;

/// <summary>Who sends a request, or why that cannot be said.</summary>
internal readonly record struct Authenticated(Caller? Caller, TaskError? Error);

/// <summary>Step 1 of the walk: the key, from the header or from an <c>authentication</c> task that comes first, to its tenant.</summary>
internal sealed partial class Authenticate(FindCaller callers, ILogger<Authenticate> log)
{
    private const string Scheme = "Bearer ";

    private static readonly TaskError Missing = new(
        ErrorCodes.MissingApiKey, "Send the API key as 'Authorization: Bearer KEY', or in an authentication task that comes first.");

    private static readonly TaskError Invalid = new(
        ErrorCodes.InvalidApiKey, "The API key is unknown, expired or revoked.") { Parameter = "apiKey" };

    private static readonly TaskError Suspended = new(
        ErrorCodes.AccountSuspended, "The account is suspended. Please contact the operator of this platform.");

    private static readonly TaskError Away = new(
        ErrorCodes.ServiceUnavailable, "The database cannot be reached, so the API key cannot be checked. Nothing was accepted; try again.");

    public async ValueTask<Authenticated> RunAsync(HttpRequest request, JObject firstTask, CancellationToken cancellation)
    {
        var key = KeyOfHeader(request) ?? KeyOfTask(firstTask);
        if (key is null)
        {
            return new Authenticated(null, Missing);
        }

        try
        {
            var caller = await callers.FindAsync(key, cancellation);
            return caller switch
            {
                null => new Authenticated(null, Invalid),
                { IsSuspended: true } => new Authenticated(null, Suspended),
                _ => new Authenticated(caller, null),
            };
        }
        catch (Exception fault) when (DatabaseIsAway(fault))
        {
            LogAway(log, fault.Message);
            return new Authenticated(null, Away);
        }
    }

    // Entity Framework puts its own exception around a transient one of the driver.
    private static bool DatabaseIsAway(Exception fault) =>
        DatabaseRetry.MayPass(fault) || (fault is InvalidOperationException { InnerException: { } cause } && DatabaseRetry.MayPass(cause));

    private static string? KeyOfHeader(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    private static string? KeyOfTask(JObject task) =>
        task["taskType"] is JValue { Value: "authentication" } && task["apiKey"] is JValue { Value: string key } ? key : null;

    [LoggerMessage(EventId = 3103, Level = LogLevel.Warning, Message = "A key could not be checked because the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}
