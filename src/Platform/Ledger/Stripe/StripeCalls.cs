using System.Globalization;
using System.Net;
using Platform.Outbound;
using Polly;
using Polly.Retry;

namespace Platform.Ledger.Stripe;

/// <summary>
/// Around every call to Stripe: the one host that it may go to, its time, the size of its answer, and repetitions as Stripe asks for them
/// (https://docs.stripe.com/error-low-level). Every call that changes something carries an idempotency key, so all may be repeated.
/// </summary>
internal sealed partial class StripeCalls : DelegatingHandler
{
    private const long LargestAnswer = 8 * 1024 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Uri _base;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;
    private readonly ILogger _log;

    public StripeCalls(HttpMessageHandler inner, StripeOptions options, TimeProvider time, ILogger log)
        : base(inner)
    {
        _base = new Uri(options.BaseUrl);
        _patience = TimeSpan.FromSeconds(options.TimeoutSeconds);
        _time = time;
        _log = log;
        _pipeline = PipelineOf(options, time);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { } address || address.Scheme != _base.Scheme || address.Authority != _base.Authority)
        {
            throw new InvalidOperationException("A call to Stripe goes to the host of Stripe:BaseUrl and nowhere else.");
        }

        return await _pipeline.ExecuteAsync(async token => await TryAsync(request, token), cancellationToken);
    }

    private static ResiliencePipeline<HttpResponseMessage> PipelineOf(StripeOptions options, TimeProvider time)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time };
        return options.MaxRetries == 0 ? pipeline.Build() : pipeline.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = options.MaxRetries,
            Delay = TimeSpan.FromSeconds(options.RetryDelaySeconds),
            MaxDelay = LongestWait,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = static attempt => ValueTask.FromResult(ShouldRepeat(attempt.Outcome)),
            DelayGenerator = static attempt => ValueTask.FromResult(AskedFor(attempt.Outcome.Result)),
            OnRetry = static attempt =>
            {
                attempt.Outcome.Result?.Dispose();
                return default;
            },
        }).Build();
    }

    private static bool ShouldRepeat(Outcome<HttpResponseMessage> outcome)
    {
        if (outcome.Result is not { } answer)
        {
            return outcome.Exception is HttpRequestException or TimeoutException or IOException;
        }

        // Stripe knows best: its word goes before what the status would say.
        return answer.Headers.TryGetValues("Stripe-Should-Retry", out var said) && bool.TryParse(said.First(), out var should)
            ? should
            : answer.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests || (int)answer.StatusCode >= 500;
    }

    // Null: the growing wait of the strategy.
    private static TimeSpan? AskedFor(HttpResponseMessage? answer) =>
        answer?.Headers.RetryAfter?.Delta is { } wait && wait > TimeSpan.Zero ? (wait < LongestWait ? wait : LongestWait) : null;

    private async Task<HttpResponseMessage> TryAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var deadline = new CancellationTokenSource(_patience, _time);
        BoundedContent? body = null;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
            var answer = await base.SendAsync(request, either.Token);
            if (!answer.IsSuccessStatusCode)
            {
                LogRefused(_log, request.Method.Method, PathOf(request), (int)answer.StatusCode, IdOf(answer));
            }

            answer.Content = body = new BoundedContent(answer.Content, LargestAnswer, deadline);
            return answer;
        }
        catch (OperationCanceledException cause) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("Stripe did not answer in time.", cause);
        }
        finally
        {
            // The deadline runs on with the body, which then owns it.
            if (body is null)
            {
                deadline.Dispose();
            }
        }
    }

    private static string PathOf(HttpRequestMessage request) => request.RequestUri!.AbsolutePath;

    // By it Stripe's own log shows the request; nothing of what was sent or answered is written down here.
    private static string IdOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Request-Id", out var ids) ? string.Create(CultureInfo.InvariantCulture, $"{ids.First()}") : "none";

    [LoggerMessage(EventId = 4717, Level = LogLevel.Warning, Message = "Stripe answered {Method} {Path} with {Status}, request {RequestId}")]
    private static partial void LogRefused(ILogger log, string method, string path, int status, string requestId);
}
