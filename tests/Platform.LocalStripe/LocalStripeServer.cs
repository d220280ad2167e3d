using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.LocalStripe;

/// <summary>
/// Stripe as far as the platform uses it, on loopback. Every request is checked: address, parameters, their encoding, key, version, idempotency. What was
/// wrong is answered as Stripe would and written down in <see cref="Violations"/>.
/// </summary>
internal sealed partial class LocalStripeServer : IAsyncDisposable
{
    public const string SecretKey = "sk_test_local0123456789";
    public const string Version = "2026-10-28.endive";

    private readonly ConcurrentDictionary<string, Remembered> remembered = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Fault> faults = [];
    private readonly WebApplication app;
    private readonly Api api;

    private LocalStripeServer(TimeProvider time, int port)
    {
        Account = new Account(time, isLive: false);
        api = new Api(Account);
        Dashboard = new Dashboard(Account, api);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        app = builder.Build();
    }

    public Account Account { get; }

    /// <summary>What people do at Stripe: pay, refund, dispute.</summary>
    public Dashboard Dashboard { get; }

    public Uri Address => new(app.Urls.Single());

    /// <summary>Requests that Stripe would not have taken.</summary>
    public ConcurrentQueue<string> Violations { get; } = [];

    /// <summary>Method and path of every request, in their order.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public static async Task<LocalStripeServer> StartAsync(TimeProvider time, int port = 0, Func<LocalStripeServer, HttpContext, Task<bool>>? pages = null)
    {
        var server = new LocalStripeServer(time, port);
        server.app.Run(async http =>
        {
            if (pages is null || !await pages(server, http))
            {
                await server.AnswerAsync(http);
            }
        });
        await server.app.StartAsync();
        server.api.PayPath = $"{server.Address.OriginalString.TrimEnd('/')}/pay/";
        return server;
    }

    /// <summary>A day is over: keys of the past are new again.</summary>
    public void ForgetKeys() => remembered.Clear();

    public Fault Break(Fault fault)
    {
        faults.Add(fault);
        return fault;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var (method, path) = (http.Request.Method, http.Request.Path.Value ?? "/");
        Requests.Enqueue($"{method} {path}");
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var form = new Form(method == "POST" ? await reader.ReadToEndAsync() : http.Request.QueryString.Value ?? "");
        var fault = faults.FirstOrDefault(one => one.Meets(method, path));
        if (fault?.Trouble == Trouble.CutBefore)
        {
            fault.Met.TrySetResult();
            http.Abort();
            return;
        }

        if (fault?.Trouble == Trouble.Refuse)
        {
            fault.Met.TrySetResult();
            await WriteAsync(http, Refusal(http, fault));
            return;
        }

        var answer = Once(http.Request, form);
        fault?.Met.TrySetResult();
        switch (fault?.Trouble)
        {
            case Trouble.CutAfter:
                http.Abort();
                break;
            case Trouble.HangAfter:
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
                break;
            default:
                await WriteAsync(http, answer);
                break;
        }
    }

    private static ApiAnswer Refusal(HttpContext http, Fault fault)
    {
        if (fault.RetryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (fault.ShouldRetry is { } should)
        {
            http.Response.Headers["Stripe-Should-Retry"] = should ? "true" : "false";
        }

        return fault.Status switch
        {
            429 => ApiAnswer.Error(429, "invalid_request_error", "Too many requests.", "rate_limit"),
            409 => ApiAnswer.Error(409, "idempotency_error", "Another request with this key is in progress.", "idempotency_key_in_use"),
            var status => ApiAnswer.Error(status, status >= 500 ? "api_error" : "invalid_request_error", "Something went wrong."),
        };
    }

    // The same key with the same parameters is the same answer; with others it is refused, and nothing happens.
    private ApiAnswer Once(HttpRequest request, Form form)
    {
        if (request.Method != "POST")
        {
            return Run(request, form);
        }

        var key = request.Headers["Idempotency-Key"].ToString();
        var asked = $"{request.Path}?{form}";
        var fresh = new Remembered(asked, new Lazy<ApiAnswer>(() => Run(request, form)));
        var kept = key.Length == 0 ? fresh : remembered.GetOrAdd(key, fresh);
        if (kept.Asked != asked)
        {
            return Violate(ApiAnswer.Error(
                400, "idempotency_error", "Keys for idempotent requests can only be used with the same parameters they were first used with."));
        }

        if (!ReferenceEquals(kept, fresh))
        {
            request.HttpContext.Response.Headers["Idempotent-Replayed"] = "true";
        }

        return kept.Answer.Value;
    }

    private ApiAnswer Run(HttpRequest request, Form form)
    {
        var path = request.Path.Value!;
        if (FindFault(request) is { } wrong)
        {
            return Violate(wrong);
        }

        foreach (var shape in RequestShapes.All.Where(shape => shape.Method == request.Method))
        {
            if (shape.Match(path) is { Success: true } match)
            {
                lock (Account.Gate)
                {
                    return shape.FindFault(form) is { } fault
                        ? Violate(ApiAnswer.Invalid(fault, "parameter_unknown"))
                        : api.Run(request.Method, path, match.Groups["id"].Value, form);
                }
            }
        }

        return Violate(ApiAnswer.Error(404, "invalid_request_error", $"Unrecognized request URL ({request.Method}: {path})."));
    }

    private static ApiAnswer? FindFault(HttpRequest request)
    {
        if (request.Headers.Authorization != $"Bearer {SecretKey}")
        {
            return ApiAnswer.Error(401, "invalid_request_error", "Invalid API Key provided.");
        }

        if (!VersionPattern().IsMatch(request.Headers["Stripe-Version"].ToString()) || request.Headers["Stripe-Version"] != Version)
        {
            return ApiAnswer.Invalid("Invalid Stripe API version.");
        }

        if (request.Method == "POST" && request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) != true)
        {
            return ApiAnswer.Invalid("Invalid request: the body is no form.");
        }

        // Stripe would take it without; a platform that may repeat a request must not send one.
        return request.Method == "POST" && request.Headers["Idempotency-Key"].ToString().Length is 0 or > 255
            ? ApiAnswer.Invalid("A POST without an idempotency key.")
            : null;
    }

    private ApiAnswer Violate(ApiAnswer answer)
    {
        Violations.Enqueue((string)answer.Body["error"]!["message"]!);
        return answer;
    }

    private static async Task WriteAsync(HttpContext http, ApiAnswer answer)
    {
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = "application/json";
        http.Response.Headers["Request-Id"] = $"req_{Guid.NewGuid():N}";
        await http.Response.WriteAsync(answer.Body.ToJsonString());
    }

    private sealed record Remembered(string Asked, Lazy<ApiAnswer> Answer);

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}\.[a-z]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionPattern();
}
