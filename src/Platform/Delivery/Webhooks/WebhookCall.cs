using System.Net;
using Microsoft.Extensions.Options;
using Platform.Outbound;
using Polly;

namespace Platform.Delivery.Webhooks;

/// <summary>One signed POST. Success is a 2xx whose head came in time; of the answer's body no more than its beginning is read.</summary>
internal sealed class WebhookCall : IDisposable
{
    private const int AnswerLength = 1024;

    // What is skipped of longer answers so that their connections can be used again.
    private const int LongestAnswer = 32 * 1024;

    // The verdict stands with the head: a body that trickles must not hold its place for long.
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _client;
    private readonly ResiliencePipeline _pipeline;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public WebhookCall(OutboundClients clients, IOptions<WebhookOptions> options, TimeProvider time)
    {
        _time = time;
        _timeout = TimeSpan.FromSeconds(options.Value.TimeoutSeconds);
        _client = clients.Create(new OutboundLimits(_timeout + (2 * AnswerPatience), LongestAnswer));
        _client.DefaultRequestHeaders.Add("User-Agent", "Platform-Webhooks/1");
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(_timeout).Build();
    }

    /// <summary>Never throws for what the receiver or the network does.</summary>
    public async Task<AttemptOutcome> PostAsync(Guid tenantId, Uri url, WebhookBody body, IReadOnlyDictionary<string, string> headers)
    {
        var started = _time.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = body.ToContent() };
            request.Options.Set(OutboundClients.Tenant, tenantId);
            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await _pipeline.ExecuteAsync(
                async cancellation => await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation), CancellationToken.None);
            var duration = _time.GetElapsedTime(started);
            var status = (int)response.StatusCode;
            return new AttemptOutcome
            {
                Status = status,
                Error = response.IsSuccessStatusCode ? null : Complaint(status),
                IsRefusedForGood = response.StatusCode == HttpStatusCode.Gone,
                RetryAfter = RetryAfterOf(response),
                Answer = await ReadAnswerAsync(response),
                Duration = duration,
            };
        }
        catch (Exception fault) when (CallFault.Describe(fault, _timeout) is { } error)
        {
            return new AttemptOutcome { Error = error, Duration = _time.GetElapsedTime(started) };
        }
    }

    public void Dispose() => _client.Dispose();

    private static string Complaint(int status) => status is >= 300 and < 400
        ? $"The receiver answered {status}; redirects are not followed."
        : $"The receiver answered {status}.";

    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        if ((int)response.StatusCode is not (429 or 503) || response.Headers.RetryAfter is not { } wish)
        {
            return null;
        }

        // A date is meant by the receiver's clock, which its answer shows.
        return wish.Delta ?? wish.Date - (response.Headers.Date ?? _time.GetUtcNow());
    }

    private async Task<byte[]?> ReadAnswerAsync(HttpResponseMessage response)
    {
        var answer = new byte[AnswerLength];
        var length = 0;
        using var patience = new CancellationTokenSource(AnswerPatience, _time);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(patience.Token);
            int count;
            while (length < AnswerLength && (count = await stream.ReadAsync(answer.AsMemory(length), patience.Token)) > 0)
            {
                length += count;
            }
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or OperationCanceledException)
        {
            // It broke off or dawdles. What came is shown; the verdict was in the head.
            return Cut(answer, length);
        }

        return Cut(answer, length);
    }

    private static byte[]? Cut(byte[] answer, int length) => length == 0 ? null : answer[..length];
}
