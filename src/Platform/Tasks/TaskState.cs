namespace Platform.Tasks;

/// <summary>
/// Where a task stands; the names are the ones in the table.
/// <code>
/// accept ─▶ pending ─claim─▶ running ─settle─▶ succeeded | failed
///              ▲                │
///              └─retry, rescue──┘        pending | running ─▶ cancelled | expired
/// </code>
/// The four on the right are final: money has moved and nothing changes any more.
/// </summary>
internal static class TaskState
{
    public const string Pending = "pending";
    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string Expired = "expired";
}
