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
}
