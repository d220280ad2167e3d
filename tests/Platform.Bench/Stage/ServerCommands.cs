using System.Text.Json;

namespace Platform.Bench.Stage;

/// <summary>
/// The names by which the bench knows the server: its verbs, options, settings and what it prints. Whoever renames one changes it here
/// (and the tables in <see cref="Measures.Accounting"/>), nowhere else.
/// </summary>
internal static class ServerCommands
{
    public const string ReadyPath = "/health/ready";

    /// <summary>What a role prints once it works; only the api can be asked over HTTP.</summary>
    public const string ReadyLine = "Ready:";

    /// <summary>For the operator surface.</summary>
    public const string AdminKey = "admin-key-of-the-bench";

    private const string Pool = "PLATFORM_ENGINES__POOLS__qwen3_tts_customvoice";
    private const string BenchmarkEngine = "null";

    public static string[] Migrate() => ["migrate"];

    /// <summary>Credit is in USD: enough for every task that a run could possibly send.</summary>
    public static string[] CreateTenant() => ["tenants", "create", "--name", "bench", "--credit", "100000", "--json"];

    public static string[] CreateKey(string tenant) => ["keys", "create", "--tenant", tenant, "--json"];

    public static string[] ServeApi(Uri address) => ["serve", "--roles", "api", "--urls", address.GetLeftPart(UriPartial.Authority)];

    public static string[] ServeWorker() => ["serve", "--roles", "worker"];

    public static string[] ServeScheduler() => ["serve", "--roles", "scheduler"];

    /// <summary>A setting of the bench's own, which only the api gets: two processes cannot listen on one port.</summary>
    public const string MetricsUrlOfApi = "BENCH_METRICS_OF_API";

    /// <summary>The settings as one program gets them.</summary>
    public static IReadOnlyDictionary<string, string> For(string program, IReadOnlyDictionary<string, string> settings)
    {
        var own = new Dictionary<string, string>(settings, StringComparer.Ordinal);
        if (own.Remove(MetricsUrlOfApi, out var url) && program == "api")
        {
            own["PLATFORM_TELEMETRY__METRICSURL"] = url;
        }

        return own;
    }

    /// <param name="api">Where customers reach the api; links to audio begin with it.</param>
    public static Dictionary<string, string> Settings(string database, Uri broker, Uri api, string data, int? slots)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PLATFORM_DATABASE__CONNECTIONSTRING"] = database,
            ["PLATFORM_BROKER__URI"] = broker.AbsoluteUri,
            ["PLATFORM_STORAGE__PUBLICBASEURL"] = api.GetLeftPart(UriPartial.Authority),
            ["PLATFORM_DATA"] = data,
            ["PLATFORM_ADMIN_KEY"] = AdminKey,
            [Pool] = BenchmarkEngine,
            // The receivers of webhooks are on loopback.
            ["PLATFORM_OUTBOUND__ALLOWEDNETWORKS__0"] = "127.0.0.0/8",
            // What is measured is the platform and not what one customer may ask of it.
            ["PLATFORM_LIMITS__REQUESTSPERSECOND"] = "1000000",
            ["PLATFORM_LIMITS__BURST"] = "1000000",
            ["PLATFORM_LIMITS__MAXQUEUED"] = "100000000",
            // The measure of idle sockets has one tenant.
            ["PLATFORM_SOCKETS__MAXPERTENANT"] = "10000",
            ["DOTNET_ENVIRONMENT"] = "Production",
        };
        if (slots is { } count)
        {
            settings["PLATFORM_WORKER__SLOTS"] = $"{count}";
        }

        return settings;
    }

    /// <summary>Reads the tenant's id out of what <see cref="CreateTenant"/> printed.</summary>
    public static string ReadTenant(string output) => ReadField(output, "tenantId", "id");

    /// <summary>Reads the key out of what <see cref="CreateKey"/> printed.</summary>
    public static string ReadKey(string output) => ReadField(output, "key");

    private static string ReadField(string output, params string[] names)
    {
        // Log lines may stand before it; the answer is the last line that is an object.
        var line = output.Split('\n').LastOrDefault(candidate => candidate.TrimStart().StartsWith('{'))
            ?? throw new BenchException($"the server printed no JSON: {output}");
        using var document = JsonDocument.Parse(line);
        foreach (var name in names)
        {
            if (document.RootElement.TryGetProperty(name, out var value))
            {
                return value.ToString();
            }
        }

        throw new BenchException($"the server printed no {names[0]}");
    }
}
