namespace Platform.Api.Sockets;

/// <summary>Limits of the WebSocket transport.</summary>
internal sealed class SocketOptions
{
    public const string Section = "Sockets";

    /// <summary>Sockets of one process; one more is answered with 503 instead of an upgrade.</summary>
    public int MaxSockets { get; set; } = 10_000;

    /// <summary>
    /// Of the sockets that have not authenticated yet, so many of the newest are kept; an older one makes room for the next.
    /// </summary>
    public int MaxStrangers { get; set; } = 1000;

    /// <summary>Authenticated sockets of one tenant on one api node.</summary>
    public int MaxPerTenant { get; set; } = 64;

    /// <summary>A socket that saw no frame in either direction for this long is closed, and so is one that never authenticated. Seconds.</summary>
    public double IdleSeconds { get; set; } = 120;

    /// <summary>
    /// How long a client may take for one frame. Bytes that come are no silence, so that a slow frame needs a limit of its own. Seconds.
    /// </summary>
    public double FrameSeconds { get; set; } = 300;

    /// <summary>How long undelivered frames are kept for a client that comes back with its connectionSessionUUID. Seconds.</summary>
    public double ReplaySeconds { get; set; } = 120;

    /// <summary>How long a socket stays open after a refused key. Seconds.</summary>
    public double RefusedSeconds { get; set; } = 10;

    /// <summary>Tasks of one socket that may be under way; more are refused with maxConcurrentTasksReached.</summary>
    public int MaxTasksInFlight { get; set; } = 1000;

    /// <summary>
    /// Bytes that may wait for one client, audio not counted, which waits in its file; further results are only made ready when it has read some.
    /// </summary>
    public int QueueBytes { get; set; } = 1024 * 1024;

    /// <summary>A client that takes nothing for this long is cut off; what it did not take is kept for its return. Seconds.</summary>
    public double SendSeconds { get; set; } = 30;

    /// <summary>How long a stopping process waits for tasks of open sockets before it closes them. Seconds.</summary>
    public double DrainSeconds { get; set; } = 10;
}
