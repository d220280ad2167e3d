using System.ComponentModel.DataAnnotations;

namespace Platform.Delivery.Upload;

/// <summary>How results are put to customers' own addresses.</summary>
internal sealed class UploadOptions
{
    public const string Section = "Upload";

    /// <summary>Attempts in all.</summary>
    [Range(1, 20)]
    public int Attempts { get; set; } = 5;

    /// <summary>Wait before the second attempt, give or take; it doubles with each further one. Seconds.</summary>
    [Range(0.01, 60)]
    public double RetryDelaySeconds { get; set; } = 0.5;

    /// <summary>How long one attempt may take, the sending included, in seconds.</summary>
    [Range(0.1, 3600)]
    public double AttemptSeconds { get; set; } = 60;

    /// <summary>Tasks of one process on their way to one server of a tenant. More wait, and keep no slot of an engine.</summary>
    [Range(1, 10_000)]
    public int MaxInFlightEndpoint { get; set; } = 128;

    /// <summary>Tasks of one tenant on their way, to whichever servers.</summary>
    [Range(1, 10_000)]
    public int MaxInFlightTenant { get; set; } = 256;

    /// <summary>Tasks on their way in all. A tenant that has none gets a place beyond it.</summary>
    [Range(1, 100_000)]
    public int MaxInFlight { get; set; } = 1024;
}
