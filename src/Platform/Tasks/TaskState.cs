namespace Platform.Tasks;

/// <summary>
/// Where a task stands. The table <c>tasks</c> knows the four final names and <c>open</c>; whether an open task waits or runs is
/// said by the lease in its row of <c>open_tasks</c>.
/// <code>
/// accept ─▶ pending ─claim─▶ running ─settle─▶ succeeded | failed
///              ▲                │
///              └─retry, rescue──┘        pending | running ─▶ cancelled | expired
/// </code>
/// The four final ones: money has moved and nothing changes any more.
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
