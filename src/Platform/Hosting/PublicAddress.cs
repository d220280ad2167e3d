using System.Net;
using Platform.Storage;
using Platform.Telemetry;

namespace Platform.Hosting;

/// <summary>
/// Where customers reach the platform stands in every link: in results and in what errors, webhooks among them, say about documentation. A
/// process can only guess it from its own address where it serves customers itself and these are on the same machine.
/// </summary>
internal static class PublicAddress
{
    /// <summary>Null, or what must be set before this process may start.</summary>
    public static string? FindFault(IConfiguration settings, Roles roles)
    {
        if (!string.IsNullOrEmpty(settings[$"{StorageOptions.Section}:{nameof(StorageOptions.PublicBaseUrl)}"]))
        {
            return null;
        }

        if (!roles.HasFlag(Roles.Api))
        {
            return "A process without the api role must be told where customers reach the api: "
                + "set Storage:PublicBaseUrl, such as https://speech.example.com.";
        }

        // Customers do not come by the address that is scraped.
        var scraped = settings[$"{TelemetryOptions.Section}:{nameof(TelemetryOptions.MetricsUrl)}"];
        return (settings["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(url => url != scraped && !IsOwn(url)) is { } open
            ? $"The api listens on {open}, which is not how customers write its address: "
                + "set Storage:PublicBaseUrl, such as https://speech.example.com."
            : null;
    }

    // With port 0 the system chooses, which nobody could put into a link. Names that Uri does not read, such as *, mean every address.
    private static bool IsOwn(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && address.Port != 0
        && (address.IsLoopback || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip)));
}
