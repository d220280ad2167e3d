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

    /// <summary>Of a task that comes by a socket before its authentication.</summary>
    public static readonly TaskError MissingOnSocket = new(
        ErrorCodes.MissingApiKey, "Send an authentication task with your apiKey first.");

    public static readonly TaskError Invalid = new(
        ErrorCodes.InvalidApiKey, "The API key is unknown, expired or revoked. Check that it was copied whole, or use another one.") { Parameter = "apiKey" };

    /// <summary>Of a suspended account at a socket's handshake, where an SDK waits in vain for any other code.</summary>
    public static readonly TaskError SuspendedOnSocket = new(
        ErrorCodes.InvalidApiKey, "The account of this API key is suspended. Please contact the operator of this platform.")
    {
        Parameter = "apiKey",
    };

    private static readonly TaskError Suspended = new(
        ErrorCodes.AccountSuspended, "The account is suspended. Please contact the operator of this platform.");

    private static readonly TaskError Crowded = new(
        ErrorCodes.ServiceUnavailable, "Too many unknown API keys are being checked at the moment. Nothing was accepted; try again.");

    private static readonly TaskError Away = new(
        ErrorCodes.ServiceUnavailable, "The database cannot be reached, so the API key cannot be checked. Nothing was accepted; try again.");

    public ValueTask<Authenticated> RunAsync(HttpRequest request, JObject firstTask, CancellationToken cancellation) =>
        FindAsync(KeyOfHeader(request) ?? KeyOfTask(firstTask), cancellation);

    public async ValueTask<Authenticated> FindAsync(string? key, CancellationToken cancellation)
    {
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
        catch (KeysWaitException)
        {
            return new Authenticated(null, Crowded);
        }
        catch (Exception fault) when (DatabaseIsAway(fault))
        {
            LogAway(log, fault.Message);
            return new Authenticated(null, Away);
        }
#pragma warning disable CA1031 // The driver meets faults of its own on connections that break in the middle; whatever it was, the key is unknown still.
        catch (Exception fault) when (fault is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFault(log, fault);
            return new Authenticated(null, Away);
        }
    }

    // Entity Framework puts its own exception around a transient one of the driver.
    private static bool DatabaseIsAway(Exception fault) =>
        DatabaseRetry.MayPass(fault) || (fault is InvalidOperationException { InnerException: { } cause } && DatabaseRetry.MayPass(cause));

    /// <summary>Null where the header has none; empty where it has an empty one.</summary>
    public static string? KeyOfHeader(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    public static string? KeyOfTask(JObject task) =>
        task["taskType"] is JValue { Value: "authentication" } && task["apiKey"] is JValue { Value: string key } ? key : null;

    [LoggerMessage(EventId = 3109, Level = LogLevel.Error, Message = "A key could not be checked because of a fault of ours")]
    private static partial void LogFault(ILogger log, Exception fault);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Warning, Message = "A key could not be checked because the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}
