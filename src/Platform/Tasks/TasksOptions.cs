namespace Platform.Tasks;

/// <summary>How long a task may take and how often it is tried.</summary>
internal sealed class TasksOptions
{
    public const string Section = "Tasks";

    /// <summary>A worker that has not renewed for this long is taken for dead, in seconds.</summary>
    public double LeaseSeconds { get; set; } = 30;

    /// <summary>Attempts before a task is given up as poisoned.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Wait before the second attempt; it doubles with each further one. Seconds.</summary>
    public double RetryDelaySeconds { get; set; } = 1;

    /// <summary>A task that is not done this long after its acceptance expires, in minutes.</summary>
    public double DeadlineMinutes { get; set; } = 24 * 60;

    /// <summary>How often the rescue sweep looks for lost tasks, in seconds.</summary>
    public double RescueSeconds { get; set; } = 2;

    /// <summary>How long a finished task and its taskUUID are remembered, in days.</summary>
    public int RetentionDays { get; set; } = 30;
}
