using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Platform.Tenants;

namespace Platform.Api;

/// <summary>Who sends a request, or why that cannot be said.</summary>
internal readonly record struct Authenticated(Caller? Caller, TaskError? Error);

/// <summary>Step 1 of the walk: the key, from the header or from an <c>authentication</c> task that comes first, to its tenant.</summary>
internal sealed class Authenticate(FindCaller callers)
{
    private const string Scheme = "Bearer ";

    private static readonly TaskError Missing = new(
        ErrorCodes.MissingApiKey, "Send the API key as 'Authorization: Bearer KEY', or in an authentication task that comes first.");

    private static readonly TaskError Invalid = new(
        ErrorCodes.InvalidApiKey, "The API key is unknown, expired or revoked.") { Parameter = "apiKey" };

    private static readonly TaskError Suspended = new(
        ErrorCodes.AccountSuspended, "The account is suspended. Please contact the operator of this platform.");

    public async ValueTask<Authenticated> RunAsync(HttpRequest request, JObject firstTask, CancellationToken cancellation)
    {
        var key = KeyOfHeader(request) ?? KeyOfTask(firstTask);
        if (key is null)
        {
            return new Authenticated(null, Missing);
        }

        var caller = await callers.FindAsync(key, cancellation);
        return caller switch
        {
            null => new Authenticated(null, Invalid),
            { IsSuspended: true } => new Authenticated(null, Suspended),
            _ => new Authenticated(caller, null),
        };
    }

    private static string? KeyOfHeader(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    private static string? KeyOfTask(JObject task) =>
        task["taskType"] is JValue { Value: "authentication" } && task["apiKey"] is JValue { Value: string key } ? key : null;
}
