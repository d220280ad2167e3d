using System.CommandLine;

namespace Platform.Server;

/// <summary><c>health</c>: whether a running server is ready, for health checks of containers that have no curl.</summary>
internal static class HealthVerb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private static readonly Option<string> Url = new("--url")
    {
        DefaultValueFactory = static _ => "http://127.0.0.1:5080",
        Description = "Where the server listens. Default: http://127.0.0.1:5080.",
    };

    public static Command Create()
    {
        var health = new Command("health", "Ask a running server whether it is ready. Ends with 0 when it is.") { Url };
        health.SetAction(static (given, cancellation) => AskAsync(given.GetValue(Url)!, cancellation));
        return health;
    }

    private static async Task<int> AskAsync(string url, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(url.TrimEnd('/') + "/health/ready", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new VerbRefusedException($"'{url}' is no address: give one such as http://127.0.0.1:5080.");
        }

        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(address, cancellation);
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            await (answer.IsSuccessStatusCode ? Console.Out : Console.Error).WriteLineAsync(text);
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new VerbRefusedException($"nothing answers at {address} ({fault.Message})");
        }
    }
}
