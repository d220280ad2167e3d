using System.Diagnostics.Metrics;
using Platform.Catalog;
using Platform.Telemetry;

namespace Platform.Api;

/// <summary>What customers are answered.</summary>
internal static class ApiMetrics
{
    private static readonly Counter<long> Replies = Meters.Counter(
        "platform.api.replies", "{reply}", "Answers to task objects, by their type and whether they brought an error.");

    private static readonly Counter<long> Errors = Meters.Counter(
        "platform.api.errors", "{error}", "Errors in answers, by their code; those of a field as missingParameter and invalidParameter.");

    public static void Answered(string taskType, TaskReply reply) => Replies.Add(
        1, new("task_type", taskType), new("outcome", reply.Errors.Count == 0 ? "succeeded" : reply.IsAccepted ? "failed" : "refused"));

    /// <summary>A task's or a request's error; not the same error again each time that its task is polled.</summary>
    public static void Refused(TaskError error)
    {
        if (Errors.Enabled)
        {
            Errors.Add(1, new KeyValuePair<string, object?>("code", ErrorCodes.Group(error.Code)));
        }
    }
}
