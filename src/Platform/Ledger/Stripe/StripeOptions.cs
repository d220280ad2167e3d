using System.ComponentModel.DataAnnotations;

namespace Platform.Ledger.Stripe;

/// <summary>Payments through Stripe. Without a key nothing of it runs, and whoever asks is told so.</summary>
internal sealed class StripeOptions
{
    public const string Section = "Stripe";

    /// <summary>A secret or restricted key of Stripe; its word <c>test</c> or <c>live</c> is the mode of this installation. Empty: no payments.</summary>
    [RegularExpression(
        "^$|^(sk|rk)_(test|live)_[A-Za-z0-9_]{8,}$",
        ErrorMessage = "must be a secret or restricted key of Stripe, such as sk_test_... or rk_live_...")]
    public string SecretKey { get; set; } = "";

    /// <summary>Secrets of the webhook endpoints at Stripe that lead to <c>/stripe/webhook</c>; several while one is rotated.</summary>
    public IList<string> WebhookSecrets { get; } = [];

    /// <summary>Where Stripe's API is. Plain http is for this machine alone.</summary>
    [RegularExpression(
        @"^https://[^/?#@\s]+/?$|^http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/?$",
        ErrorMessage = "must be an https address without a path, or http on this machine")]
    public string BaseUrl { get; set; } = "https://api.stripe.com";

    /// <summary>Where customers come to after they paid. Empty: a page of this platform.</summary>
    [RegularExpression(@"^$|^https?://\S+$", ErrorMessage = "must be an http or https address")]
    public string SuccessUrl { get; set; } = "";

    /// <summary>Where customers come to that left without paying. Empty: a page of this platform.</summary>
    [RegularExpression(@"^$|^https?://\S+$", ErrorMessage = "must be an http or https address")]
    public string CancelUrl { get; set; } = "";

    /// <summary>The smallest top-up, in cents.</summary>
    [Range(50, 99_999_999)]
    public long MinTopUpCents { get; set; } = 500;

    /// <summary>The largest top-up, in cents. Stripe itself takes up to 99,999,999.</summary>
    [Range(50, 99_999_999)]
    public long MaxTopUpCents { get; set; } = 1_000_000;

    /// <summary>Top-ups that a tenant may begin in an hour.</summary>
    [Range(1, 10_000)]
    public int TopUpsPerHour { get; set; } = 20;

    /// <summary>Automatic top-ups of one tenant in 24 hours: a brake, whatever goes wrong.</summary>
    [Range(1, 1000)]
    public int AutomaticPerDay { get; set; } = 5;

    /// <summary>How often automatic top-ups, waiting events and unsent usage are looked for, in seconds.</summary>
    [Range(0.1, 3600)]
    public double SweepSeconds { get; set; } = 15;

    /// <summary>How old the signature of a webhook may be, in seconds.</summary>
    [Range(1, 3600)]
    public int ToleranceSeconds { get; set; } = 300;

    /// <summary>How long one call to Stripe may take, in seconds.</summary>
    [Range(0.1, 120)]
    public double TimeoutSeconds { get; set; } = 20;

    /// <summary>How often a call that failed is repeated.</summary>
    [Range(0, 10)]
    public int MaxRetries { get; set; } = 3;

    /// <summary>Wait before the first repetition, give or take; it doubles with each further one. Seconds.</summary>
    [Range(0.01, 60)]
    public double RetryDelaySeconds { get; set; } = 0.5;

    /// <summary>The event name of the meter that gets postpaid usage, in micro-USD. Empty: no usage is sent.</summary>
    [StringLength(100)]
    public string MeterEventName { get; set; } = "platform_usage_micro_usd";

    /// <summary>How long usage is gathered before it is sent: one event a tenant each time. Seconds.</summary>
    [Range(0.1, 3600)]
    public double UsageSeconds { get; set; } = 60;

    /// <summary>The reconciliation leaves out what is younger, in seconds: Stripe tells us of payments, and adds usage up, a little later.</summary>
    [Range(0, 86_400)]
    public int CompareAfterSeconds { get; set; } = 900;

    /// <summary>Null, or one sentence that says which setting cannot be.</summary>
    public string? FindFault()
    {
        if (WebhookSecrets.Any(static secret => !secret.StartsWith("whsec_", StringComparison.Ordinal) || secret.Length < 12))
        {
            return "Stripe:WebhookSecrets holds what is no secret of a webhook endpoint: each begins with whsec_.";
        }

        if (MinTopUpCents > MaxTopUpCents)
        {
            return "Stripe:MinTopUpCents is more than Stripe:MaxTopUpCents.";
        }

        return SecretKey.Length > 0 && WebhookSecrets.Count == 0
            ? "Stripe:SecretKey is set and Stripe:WebhookSecrets is empty: payments would be taken and nobody would be told of them."
            : null;
    }
}
