using System.Diagnostics.Metrics;
using Platform.Telemetry;

namespace Platform.Tasks;

/// <summary>What happens to tasks, counted where it happens.</summary>
internal static class TaskMetrics
{
    private static readonly Counter<long> AcceptedTasks = Meters.Counter(
        "platform.task.accepted", "{task}", "Tasks that were committed with their hold.");

    private static readonly Counter<long> RefusedTasks = Meters.Counter(
        "platform.task.refused", "{task}", "Valid tasks that were not accepted: conflict, unaffordable, full.");

    private static readonly Counter<long> EndedTasks = Meters.Counter(
        "platform.task.ended", "{task}", "Tasks that ended, by their final state.");

    private static readonly Histogram<double> QueueWait = Meters.Durations(
        "platform.task.queue_wait", "From the moment that a task could be claimed to its claim, by the database's clock.");

    private static readonly Histogram<double> Attempts = Meters.Durations(
        "platform.task.attempt.duration", "One attempt of a worker at a task, from its claim to its last settlement.");

    private static readonly Histogram<double> Durations = Meters.Durations(
        "platform.task.duration", "From acceptance to the end of a task that a worker ended.");

    private static readonly Counter<long> Failures = Meters.Counter(
        "platform.task.failures", "{failure}", "Tasks that a worker ended with an error, by its code.");

    private static readonly Counter<long> Captured = Meters.Counter(
        "platform.money.captured", "{microUSD}", "Micro-USD charged for finished results.");

    private static readonly Counter<long> Rescued = Meters.Counter(
        "platform.task.rescued", "{task}", "Tasks that a sweep settled: of silent workers (lease) or past their deadline (deadline).");

    private static readonly Counter<long> LostLeases = Meters.Counter(
        "platform.lease.lost", "{lease}", "Leases that a running worker found gone: cancelled, expired, or given to another.");

    public static void Accepted(IReadOnlyList<NewTask> batch, Acceptance[] outcomes)
    {
        if (!AcceptedTasks.Enabled)
        {
            return;
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i] == Acceptance.Accepted)
            {
                AcceptedTasks.Add(1, new("pool", batch[i].Pool), new("delivery", batch[i].Spec.IsAsync ? "async" : "sync"));
            }
        }
    }

    public static void Refused(Acceptance outcome) =>
        RefusedTasks.Add(1, new KeyValuePair<string, object?>("reason", outcome.ToString().ToLowerInvariant()));

    public static void Ended(string state) => EndedTasks.Add(1, new KeyValuePair<string, object?>("state", state));

    public static void Claimed(ClaimedTask task, string pool) =>
        QueueWait.Record(task.Waited.TotalSeconds, new KeyValuePair<string, object?>("pool", pool));

    /// <param name="outcome">A task's state after the attempt, or <c>refused</c> by the fence.</param>
    public static void Attempted(ClaimedTask task, string pool, string outcome, TimeSpan elapsed)
    {
        Attempts.Record(elapsed.TotalSeconds, new("pool", pool), new("outcome", outcome));
        if (outcome is TaskState.Succeeded or TaskState.Failed)
        {
            Durations.Record((task.Age + elapsed).TotalSeconds, new("pool", pool), new("state", outcome));
        }
    }

    public static void Failed(string pool, string code) => Failures.Add(1, new("pool", pool), new("code", code));

    public static void Charged(long microUsd) => Captured.Add(microUsd);

    public static void RescuedBySweep(long leases, long deadlines)
    {
        Rescued.Add(leases, new KeyValuePair<string, object?>("reason", "lease"));
        Rescued.Add(deadlines, new KeyValuePair<string, object?>("reason", "deadline"));
    }

    public static void LostLease() => LostLeases.Add(1);
}
