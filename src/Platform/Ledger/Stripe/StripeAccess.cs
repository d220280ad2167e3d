using System.Net;
using Microsoft.Extensions.Options;
using Stripe;

namespace Platform.Ledger.Stripe;

/// <summary>The one way to Stripe's API, with the key of the settings and the version that the client library pins.</summary>
internal sealed class StripeAccess : IDisposable
{
    private readonly HttpClient? _http;
    private readonly StripeClient? _client;

    public StripeAccess(IOptions<StripeOptions> options, TimeProvider time, ILogger<StripeAccess> log)
    {
        var settings = Settings = options.Value;
        Time = time;
        if (settings.SecretKey.Length == 0)
        {
            return;
        }

        IsLive = settings.SecretKey.Contains("_live_", StringComparison.Ordinal);
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(settings.TimeoutSeconds),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // Trace ids are ours, not Stripe's.
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(new StripeCalls(sockets, settings, time, log)) { Timeout = Timeout.InfiniteTimeSpan };
        _client = new StripeClient(new StripeClientOptions
        {
            ApiKey = settings.SecretKey,
            ApiBase = settings.BaseUrl.TrimEnd('/'),
            // Repetitions are StripeCalls' own; telemetry would send figures about our calls.
            HttpClient = new SystemNetHttpClient(_http, maxNetworkRetries: 0, appInfo: null, enableTelemetry: false),
        });
    }

    public StripeOptions Settings { get; }

    /// <summary>The clock by which signatures and idempotency keys grow old.</summary>
    public TimeProvider Time { get; }

    public bool IsConfigured => _client is not null;

    /// <summary>Real money, by the key; objects and events of the other mode are none of ours.</summary>
    public bool IsLive { get; }

    /// <exception cref="InvalidOperationException">There is no key; callers ask <see cref="IsConfigured"/> first.</exception>
    public StripeClient Client => _client ?? throw new InvalidOperationException("Stripe is not configured.");

    /// <summary>A request that may be repeated: the same key is the same effect, for a day at least.</summary>
    public static RequestOptions Once(string key) => new() { IdempotencyKey = key };

    public void Dispose() => _http?.Dispose();
}

/// <summary>What went wrong at Stripe, sorted by what is known of the effect.</summary>
internal static class StripeFault
{
    /// <summary>Nobody knows whether there was an effect, or there was none because Stripe was busy: the same call may be made again.</summary>
    public static bool MayPass(Exception fault) => fault switch
    {
        StripeException { HttpStatusCode: var status } =>
            status is default(HttpStatusCode) or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests || (int)status >= 500,
        HttpRequestException or TimeoutException or IOException or Newtonsoft.Json.JsonException => true,
        _ => false,
    };

    /// <summary>Stripe says that there is no such object.</summary>
    public static bool IsMissing(Exception fault) => fault is StripeException { HttpStatusCode: HttpStatusCode.NotFound };

    /// <summary>A word for people and books, such as <c>card_declined</c>. Stripe's own sentences may hold what is nobody else's business.</summary>
    public static string CodeOf(Exception fault) => fault switch
    {
        StripeException { StripeError: { DeclineCode: { Length: > 0 } decline, Code: var code } } => $"{code}: {decline}",
        StripeException { StripeError.Code: { Length: > 0 } code } => code,
        StripeException { StripeError.Type: { Length: > 0 } type, HttpStatusCode: var status } => $"{type} ({(int)status})",
        StripeException { HttpStatusCode: var status } => $"answered {(int)status}",
        TimeoutException => "timed_out",
        HttpRequestException { HttpRequestError: var error } => $"connection failed ({error})",
        _ => fault.GetType().Name,
    };
}
