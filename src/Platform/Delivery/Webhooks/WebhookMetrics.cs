using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Delivery.Webhooks;

/// <summary>How webhooks arrive.</summary>
internal static class WebhookMetrics
{
    private static readonly Histogram<double> Attempts = Meters.Durations(
        "platform.webhook.attempt.duration",
        "One attempt at a webhook, by where it left the webhook (delivered, waiting, dead) and the class of the answer.");

    private static readonly Histogram<double> Lag = Meters.Durations(
        "platform.webhook.lag", "From the moment that a first attempt was due to its beginning, by the database's clock.");

    public static void Attempted(AttemptOutcome outcome, string state) => Attempts.Record(
        outcome.Duration.TotalSeconds, new("state", state), new("answer", outcome.Status is { } status ? $"{status / 100}xx" : "none"));

    public static void Began(DueWebhook webhook, TimeSpan lag)
    {
        if (webhook.Attempt == 1)
        {
            Lag.Record(lag.TotalSeconds);
        }
    }
}
