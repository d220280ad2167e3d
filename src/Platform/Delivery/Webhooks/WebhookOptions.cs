using System.ComponentModel.DataAnnotations;

namespace Platform.Delivery.Webhooks;

/// <summary>How webhooks are sent. The limits are those of one process; more senders send more.</summary>
internal sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Attempts in flight to receivers that answer well.</summary>
    [Range(1, 10_000)]
    public int MaxInFlight { get; set; } = 512;

    /// <summary>Attempts in flight to receivers that are slow or fail: room of their own, shared among them.</summary>
    [Range(1, 20_000)]
    public int MaxInFlightSlow { get; set; } = 1536;

    /// <summary>Those of one tenant among them, so that one that names thousands of dead receivers leaves places to the others.</summary>
    [Range(1, 20_000)]
    public int MaxInFlightSlowTenant { get; set; } = 1280;

    /// <summary>Attempts in flight to one receiver.</summary>
    [Range(1, 1000)]
    public int MaxInFlightEndpoint { get; set; } = 128;

    /// <summary>A receiver has this long to answer, in seconds.</summary>
    [Range(0.1, 60)]
    public double TimeoutSeconds { get; set; } = 5;

    /// <summary>Failures in a row, at the least, before a receiver gets one attempt at a time.</summary>
    [Range(1, 1_000_000)]
    public int BreakerFailures { get; set; } = 20;

    /// <summary>How long those failures must have lasted, in seconds.</summary>
    [Range(0, 86_400)]
    public double BreakerSeconds { get; set; } = 60;

    /// <summary>How often retries of other senders, lost attempts and old webhooks are looked for, in seconds.</summary>
    [Range(0.1, 60)]
    public double SweepSeconds { get; set; } = 1;

    /// <summary>How long an ended webhook and its attempts are kept, in days.</summary>
    [Range(1, 3650)]
    public int RetentionDays { get; set; } = 30;

    /// <summary>A sender that has not written down its attempt this long after the receiver's time is taken for dead, in seconds.</summary>
    [Range(1, 600)]
    public double LeaseSeconds { get; set; } = 25;
}
