using System.Diagnostics;
using System.Security.Cryptography;
using Platform.Telemetry;

namespace Platform.Delivery.Webhooks;

/// <summary>One attempt: body, signature, call, verdict, report.</summary>
internal sealed partial class AttemptWebhook(
    WebhookBodies bodies, SignedPost post, ReportAttempts reports, TimeProvider time, ILogger<AttemptWebhook> log)
{
    /// <param name="webhook">Leased by this process.</param>
    /// <param name="answered">Told at once whether the receiver took it, before that is written down.</param>
    /// <returns>The wait until the next attempt, where there is one and this process may count on it.</returns>
    public async Task<TimeSpan?> RunAsync(DueWebhook webhook, long claimedAt, Action<bool> answered)
    {
        var startedAt = webhook.ClaimedAt + time.GetElapsedTime(claimedAt);
        using var span = Traces.Source.StartActivity("webhook.deliver", ActivityKind.Client, TraceStamp.Read(webhook.Trace));
        WebhookMetrics.Began(webhook, webhook.Lag + time.GetElapsedTime(claimedAt));
        var outcome = await TryAsync(webhook, startedAt);
        answered(outcome.IsDelivered);
        var (state, delay) = Judge(webhook, outcome);
        WebhookMetrics.Attempted(outcome, state);
        Describe(span, webhook, outcome, state);
        var isTaken = await reports.RunAsync(new AttemptReport(webhook, outcome, state, delay, startedAt));
        LogAttempt(
            log, webhook.WebhookId, webhook.Attempt, webhook.Key.Endpoint, isTaken ? state : "refused", outcome.Status ?? 0,
            outcome.Duration.TotalMilliseconds);
        return isTaken && state == "waiting" ? delay : null;
    }

    // Neither the address nor the answer: both are the customer's.
    private static void Describe(Activity? span, DueWebhook webhook, AttemptOutcome outcome, string state)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("platform.webhook.id", webhook.WebhookId);
            span.SetTag("platform.attempt", webhook.Attempt);
            span.SetTag("platform.outcome", state);
            span.SetTag("http.response.status_code", outcome.Status);
            if (!outcome.IsDelivered)
            {
                span.Fail("undelivered");
            }
        }
    }

    private static (string State, TimeSpan Delay) Judge(DueWebhook webhook, AttemptOutcome outcome)
    {
        if (outcome.IsDelivered)
        {
            return ("delivered", TimeSpan.Zero);
        }

        var dice = RandomNumberGenerator.GetInt32(1000) / 999.0;
        return !outcome.IsRefusedForGood && WebhookSchedule.After(webhook.Step, dice, outcome.RetryAfter) is { } delay
            ? ("waiting", delay)
            : ("dead", TimeSpan.Zero);
    }

    private async Task<AttemptOutcome> TryAsync(DueWebhook webhook, DateTimeOffset startedAt)
    {
        try
        {
            return await post.RunAsync(
                new SignedMessage(webhook.Key.TenantId, webhook.WebhookId, startedAt), new Uri(webhook.Url),
                await bodies.OfAsync(webhook, CancellationToken.None));
        }
#pragma warning disable CA1031 // A fault of ours is a failed attempt of this webhook, and none of the sender or of other webhooks.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogBroken(log, fault, webhook.WebhookId, webhook.Attempt);
            return new AttemptOutcome { Error = "The attempt could not be made because of an internal fault.", Duration = TimeSpan.Zero };
        }
    }

    [LoggerMessage(
        EventId = 4201,
        Level = LogLevel.Debug,
        Message = "Attempt {Attempt} of webhook {WebhookId} at {Endpoint} ended {State} with status {Status} after {Milliseconds:F1} ms")]
    private static partial void LogAttempt(
        ILogger log, Guid webhookId, int attempt, string endpoint, string state, int status, double milliseconds);

    [LoggerMessage(EventId = 4202, Level = LogLevel.Error, Message = "Attempt {Attempt} of webhook {WebhookId} met a fault of ours")]
    private static partial void LogBroken(ILogger log, Exception fault, Guid webhookId, int attempt);
}
