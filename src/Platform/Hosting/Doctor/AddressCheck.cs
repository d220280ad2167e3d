using Platform.Api;
using Platform.Persistence;
using Platform.Storage;

namespace Platform.Hosting.Doctor;

/// <summary>Whether the address that stands in every link leads back to this platform.</summary>
internal static class AddressCheck
{
    private const string Check = "public address";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<Diagnosis> RunAsync(IConfiguration settings, CancellationToken cancellation)
    {
        var given = settings[$"{StorageOptions.Section}:{nameof(StorageOptions.PublicBaseUrl)}"] ?? "";
        if (given.Length == 0)
        {
            return settings[$"{DatabaseOptions.Section}:{nameof(DatabaseOptions.ConnectionString)}"] is { Length: > 0 }
                ? Diagnosis.Warning(
                    Check, "Storage:PublicBaseUrl is not set: links begin with the address that the api listens on, and a lone worker does not start.",
                    "Set it to how customers reach the api, such as https://speech.example.com.")
                : Diagnosis.Skipped(Check, "Links begin with the address that the server listens on.");
        }

        if (!Uri.TryCreate(given, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return Diagnosis.Fault(Check, "Storage:PublicBaseUrl is no http or https address.", "Set it to how customers reach the api.");
        }

        return await AskAsync(address, cancellation) is { } fault
            ? Diagnosis.Warning(
                Check, $"{address.GetLeftPart(UriPartial.Authority)}/docs/errors does not answer from here: {fault}",
                address.IsLoopback
                    ? "Start an api there; to a container, and to customers elsewhere, this address is their own machine: "
                        + "set Storage:PublicBaseUrl to how customers reach the api."
                    : "Start an api, look at the balancer and at names and certificates; from inside a cluster it may be reachable only from outside.")
            : Diagnosis.Ok(Check, $"{address.GetLeftPart(UriPartial.Authority)} leads to a living api.");
    }

    // The page that every error links to: what a balancer lets through to customers, which the health probes need not be.
    private static async Task<string?> AskAsync(Uri address, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(new Uri(address, ErrorPage.Path), cancellation);
            return answer.IsSuccessStatusCode ? null : $"it says {(int)answer.StatusCode}";
        }
        catch (HttpRequestException fault)
        {
            return fault.GetBaseException().Message;
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "it took more than 5 s";
        }
    }
}
