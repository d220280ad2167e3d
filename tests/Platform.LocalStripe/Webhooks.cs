using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Platform.LocalStripe;

/// <summary>Signs events and sends them, as often and in whatever order somebody likes.</summary>
internal sealed class Webhooks(Account account, Uri endpoint, string secret, TimeProvider time) : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Takes the events that came about since the last time.</summary>
    public IReadOnlyList<JsonObject> Take()
    {
        lock (account.Gate)
        {
            JsonObject[] taken = [.. account.Events];
            account.Events.Clear();
            return taken;
        }
    }

    /// <summary>Sends what came about, each once and in order.</summary>
    public async Task FlushAsync()
    {
        foreach (var told in Take())
        {
            await SendAsync(told);
        }
    }

    public Task<HttpStatusCode> SendAsync(JsonObject told)
    {
        var body = told.ToJsonString();
        return PostAsync(body, Sign(body, secret, time.GetUtcNow()));
    }

    public async Task<HttpStatusCode> PostAsync(string body, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (signature is not null)
        {
            request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
        }

        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>The header <c>Stripe-Signature</c>.</summary>
    public static string Sign(string body, string secret, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}"));
        return $"t={seconds},v1={Convert.ToHexStringLower(signature)}";
    }

    public void Dispose() => http.Dispose();
}
